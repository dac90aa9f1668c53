import { publicOperations } from '@magistry/contracts';

const LEASE_MARGIN_MS = 5_000;
/** Longer than any request may take: a gateway that has said nothing for this long holds nothing. */
export const IN_FLIGHT_LEASE_MS =
  Math.max(...publicOperations.map(({ deadlineMs }) => deadlineMs)) + LEASE_MARGIN_MS;

/** Requests of each principal that this gateway has let in, or asks to let in, and has not yet answered. */
export class InFlight {
  private readonly counts = new Map<string, { now: number; told: number }>();

  /** `tell` lets the other gateways know, once an eighth of the limit has come free unnoticed by them. */
  constructor(
    private readonly most: number,
    private readonly tell: (principalId: string, count: number) => void,
  ) {}

  of(principalId: string): number {
    return this.counts.get(principalId)?.now ?? 0;
  }

  /** Counted before Redis is asked, so that two questions at once do not overlook each other. */
  enter(principalId: string, requests: number): void {
    const count = this.counts.get(principalId);
    if (!count) {
      this.counts.set(principalId, { now: requests, told: requests });
      return;
    }
    count.now += requests;
    count.told = count.now;
  }

  leave(principalId: string): void {
    const count = this.counts.get(principalId);
    if (!count) return;
    count.now -= 1;
    if ((count.told - count.now) * 8 >= this.most) {
      count.told = count.now;
      this.tell(principalId, count.now);
    }
    if (count.now === 0) this.counts.delete(principalId);
  }
}
