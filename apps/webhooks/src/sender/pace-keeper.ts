import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { RedisScripts } from '@magistry/jobs';
import { IN_FLIGHT_MAX, RATE_MAX } from '../domain/pace.js';
import { ACQUIRE, SETTLE } from './pace-scripts.js';
import { Permit } from './permit.js';

export interface Granted {
  readonly permits: readonly Permit[];
  /** Without permits: ask again after so long. */
  readonly waitMs: number;
}

export interface PaceKeeperOptions {
  readonly redisUrl: string;
  /** How long a request may take at most. */
  readonly attemptTimeoutMs: number;
  /** Of this installation, where several share one Redis. */
  readonly prefix?: string;
  /** Attempts a second that an endpoint gets at most. */
  readonly rateMax?: number;
}

const WINDOW_MS = 1_000;
/** What a crashed worker had in flight counts for so much longer than a request can take. */
const LEASE_MARGIN_MS = 5_000;
/** After a loss of Redis's memory: one window, and what may still be on its way into it. */
const BLIND_MS = 1_300;

/** A connection takes a moment; without Redis nothing is sent anyway. */
const PREPARING_TRIES = 50;
const PREPARING_PAUSE_MS = 100;

/** Lets each endpoint have `RATE_MAX` attempts in any second and `IN_FLIGHT_MAX` unanswered, over all workers. */
export class PaceKeeper {
  private readonly scripts: RedisScripts<'acquire' | 'settle'>;
  private readonly waiting = new Map<number, (string | number)[]>();
  private readonly prefix: string;
  private readonly rateMax: number;
  private readonly holdMs: number;

  constructor({ redisUrl, attemptTimeoutMs, prefix = 'magistry', rateMax = RATE_MAX }: PaceKeeperOptions) {
    // One hash tag keeps all keys of a script on one node of a cluster.
    this.prefix = `${prefix}:{webhooks}`;
    this.rateMax = rateMax;
    this.holdMs = attemptTimeoutMs + LEASE_MARGIN_MS;
    this.scripts = new RedisScripts(redisUrl, { acquire: ACQUIRE, settle: SETTLE });
  }

  /** Up to `wanted` permits at `ratePerSecond` (null: the full rate). Rejects while Redis is away. */
  async acquire(endpointId: number, wanted: number, ratePerSecond: number | null): Promise<Granted> {
    const rate = Math.min(ratePerSecond ?? this.rateMax, this.rateMax);
    const slots = Math.max(1, Math.floor(rate));
    const windowMs = Math.ceil((WINDOW_MS * slots) / rate);
    const members = `${randomUUID()}:`;
    const answer = await this.scripts.run(
      'acquire',
      [this.key('pace', endpointId), this.key('flight', endpointId), `${this.prefix}:epoch`],
      [wanted, slots, windowMs, IN_FLIGHT_MAX, this.holdMs, this.holdMs, BLIND_MS, members],
    );
    const [granted = 0, waitMs = windowMs] = answer as number[];
    const permits = Array.from({ length: granted }, (_, index) => {
      const settle = (freeMs: number, hasEnded: boolean) =>
        this.settle(endpointId, `${members}${index + 1}`, freeMs, hasEnded);
      return new Permit(windowMs, settle);
    });
    return { permits, waitMs };
  }

  /** Lets a Redis that knows nothing yet be over its blind time before there is something to send. */
  async prepare(): Promise<void> {
    for (let tries = 0; tries < PREPARING_TRIES; tries += 1) {
      if (await this.acquire(0, 0, null).catch(() => undefined)) return;
      await pause(PREPARING_PAUSE_MS);
    }
  }

  close(): void {
    this.scripts.close();
  }

  // What settles in one turn of the event loop travels together.
  private settle(endpointId: number, member: string, freeMs: number, hasEnded: boolean): void {
    const words = this.waiting.get(endpointId);
    if (words) {
      words.push(member, freeMs, hasEnded ? 1 : 0);
      return;
    }
    const first = [member, freeMs, hasEnded ? 1 : 0];
    this.waiting.set(endpointId, first);
    setImmediate(() => {
      this.waiting.delete(endpointId);
      const keys = [this.key('pace', endpointId), this.key('flight', endpointId)];
      // Unsettled, a slot stays held until its time is over: slower, never faster.
      this.scripts.run('settle', keys, first).catch(() => undefined);
    });
  }

  private key(kind: 'pace' | 'flight', endpointId: number): string {
    return `${this.prefix}:${kind}:${endpointId}`;
  }
}
