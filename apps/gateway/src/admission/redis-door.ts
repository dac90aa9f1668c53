import type { Logger } from '@magistry/telemetry';
import { Redis } from 'ioredis';
import { ADMIT, HEAR_OF_GATEWAY, JOIN_GATEWAYS, SEE_ONCE, SETTLE, TELL_IN_FLIGHT } from './scripts.js';

/** A Redis that says nothing for longer than this is away. Answers without it still come within 50 ms. */
const SILENCE_MS_MAX = 30;
const PROBE_INTERVAL_MS = 250;
/** A connection on which probes stay unanswered for longer is given up for another one. */
const DEAF_MS_MAX = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;

export type Words = (string | number | Buffer)[];
export type ScriptName = 'admit' | 'settle' | 'tellInFlight' | 'joinGateways' | 'hearOfGateway' | 'seeOnce';

interface Scripted {
  admitBuffer(keyCount: number, ...words: Words): Promise<unknown>;
  settleBuffer(keyCount: number, ...words: Words): Promise<unknown>;
  tellInFlightBuffer(keyCount: number, ...words: Words): Promise<unknown>;
  joinGatewaysBuffer(keyCount: number, ...words: Words): Promise<unknown>;
  hearOfGatewayBuffer(keyCount: number, ...words: Words): Promise<unknown>;
  seeOnceBuffer(keyCount: number, ...words: Words): Promise<unknown>;
}

/** Redis cannot be asked right now: decide without it. */
export class RedisAwayError extends Error {
  override readonly name = 'RedisAwayError';
}

interface Pending {
  reject(error: Error): void;
}

/**
 * The way to Redis, shut while nobody answers there: then calls fail at once, and a probe goes on asking. A
 * watch over silence, not a timer for each call: a busy Redis that keeps answering is never taken for dead.
 */
export class RedisDoor {
  private readonly redis: Redis & Scripted;
  private readonly pending = new Set<Pending>();
  private probing: NodeJS.Timeout | undefined;
  private watch: NodeJS.Timeout | undefined;
  private deaf: NodeJS.Timeout | undefined;
  private silentSince = 0;
  private isOpenNow = false;
  private isProbeOut = false;
  private isStopped = false;

  constructor(
    url: string,
    private readonly logger: Logger,
  ) {
    this.redis = new Redis(url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      enableReadyCheck: false,
      connectTimeout: CONNECT_TIMEOUT_MS,
      retryStrategy: (attempt) => Math.min(50 * attempt, 500),
      scripts: {
        admit: { lua: ADMIT },
        settle: { lua: SETTLE },
        tellInFlight: { lua: TELL_IN_FLIGHT },
        hearOfGateway: { lua: HEAR_OF_GATEWAY },
        joinGateways: { lua: JOIN_GATEWAYS },
        seeOnce: { lua: SEE_ONCE },
      },
    }) as Redis & Scripted;
    // Each failed attempt to connect would end the process otherwise; whether Redis answers is told once.
    this.redis.on('error', () => {});
  }

  get isOpen(): boolean {
    return this.isOpenNow;
  }

  /** Waits at most a moment: a gateway starts, and limits, without Redis too. */
  async start(): Promise<void> {
    await this.redis.connect().catch(() => {});
    await this.probe(CONNECT_TIMEOUT_MS);
    if (!this.isOpenNow) this.shut('it does not answer');
  }

  stop(): void {
    this.isStopped = true;
    clearInterval(this.probing);
    clearTimeout(this.watch);
    clearTimeout(this.deaf);
    this.isOpenNow = false;
    this.redis.disconnect();
  }

  /** Runs a script on Redis; rejects with RedisAwayError, at the latest once Redis was silent for too long. */
  run(script: ScriptName, keys: readonly string[], words: Words): Promise<unknown> {
    if (!this.isOpenNow) return Promise.reject(new RedisAwayError());
    return new Promise((resolve, reject) => {
      const pending = { reject };
      if (this.pending.size === 0) this.silentSince = performance.now();
      this.pending.add(pending);
      this.keepWatch();
      this.redis[`${script}Buffer`](keys.length, ...keys, ...words).then(
        (answer) => {
          this.silentSince = performance.now();
          resolve(answer);
          // Too late for its request, but a sign of life.
          if (!this.pending.delete(pending) && !this.isStopped) this.open();
        },
        (error: Error) => {
          if (this.pending.delete(pending)) reject(new RedisAwayError());
          this.shut(error.message);
        },
      );
    });
  }

  private keepWatch(): void {
    this.watch ??= setTimeout(() => this.look(), SILENCE_MS_MAX).unref();
  }

  private look(): void {
    this.watch = undefined;
    if (this.pending.size === 0) return;
    const { silentSince } = this;
    const leftMs = SILENCE_MS_MAX - (performance.now() - silentSince);
    if (leftMs > 0) {
      this.watch = setTimeout(() => this.look(), leftMs).unref();
      return;
    }
    // Answers may lie unread because this process was busy: one turn of the loop reads them.
    setImmediate(() => {
      if (this.pending.size === 0) return;
      if (this.silentSince === silentSince) this.shut('it does not answer in time');
      else this.keepWatch();
    });
  }

  private shut(reason: string): void {
    for (const { reject } of this.pending) reject(new RedisAwayError());
    this.pending.clear();
    if (this.isStopped) return;
    if (this.isOpenNow) this.logger.warn({ reason }, 'redis is away: limiting by share, claiming no keys');
    else if (!this.probing) this.logger.warn({ reason }, 'redis is away from the start: limiting by share');
    this.isOpenNow = false;
    this.probing ??= setInterval(() => void this.probe(DEAF_MS_MAX), PROBE_INTERVAL_MS).unref();
  }

  private async probe(timeoutMs: number): Promise<void> {
    if (this.isProbeOut || this.redis.status !== 'ready') return;
    this.isProbeOut = true;
    this.deaf = setTimeout(() => this.redis.disconnect(true), timeoutMs).unref();
    const isAlive = await this.redis.ping().then(
      () => true,
      () => false,
    );
    clearTimeout(this.deaf);
    this.isProbeOut = false;
    if (isAlive) this.open();
  }

  private open(): void {
    if (this.probing) this.logger.info('redis is back: limits and claims are shared again');
    clearInterval(this.probing);
    this.probing = undefined;
    this.isOpenNow = true;
  }
}
