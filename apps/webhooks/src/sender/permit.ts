/**
 * A request that is not answered so long after it was handed to its socket counts as arrived then. Longer than any
 * honest stall on the way; shorter would let a receiver that stalls be sent more than its rate.
 */
const ARRIVAL_MS_MAX = 250;

/** Tells Redis when the slot is free again, in milliseconds from now (-1: not known yet), and whether it is over. */
type Settle = (freeMs: number, hasEnded: boolean) => void;

/** One permission to send, from Redis's grant until its request has ended. */
export class Permit {
  private sentAt: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isArrivalKnown = false;

  constructor(
    private readonly windowMs: number,
    private readonly settle: Settle,
  ) {}

  /** There was nothing to send. */
  giveBack(): void {
    this.settle(0, true);
  }

  /** The request was handed to its socket: it arrives any time from now. */
  sent(): void {
    this.sentAt = performance.now();
    this.timer = setTimeout(() => {
      this.isArrivalKnown = true;
      this.settle(this.windowMs, false);
    }, ARRIVAL_MS_MAX);
  }

  /**
   * The request has ended. An answer proves that it had arrived, `processingMs` ago at least: the least that this
   * receiver has lately taken to answer.
   */
  ended(processingMs: number): void {
    clearTimeout(this.timer);
    if (this.isArrivalKnown) {
      this.settle(-1, true);
      return;
    }
    const sinceSentMs = performance.now() - (this.sentAt ?? performance.now());
    const arrivedMsAgo = Math.max(0, Math.min(processingMs, sinceSentMs));
    this.settle(Math.max(1, Math.ceil(this.windowMs - arrivedMsAgo)), true);
  }
}
