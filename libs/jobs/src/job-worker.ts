import { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { openPatiently } from './connection.js';

export interface JobWorkerOptions {
  readonly redisUrl: string;
  readonly name: string;
  /** Keys that are worked on at once. */
  readonly concurrency: number;
  readonly work: (key: string) => Promise<void>;
  readonly onFault: (error: Error) => void;
}

// A key whose worker was killed is taken over after these at the latest. A worker that is merely slow may find its
// key taken too: what it does must be safe twice.
const LOCK_MS = 6_000;
const STALLED_CHECK_MS = 2_000;
/** Between two looks for a new key when nothing rings. */
const IDLE_SECONDS = 5;

/** Works on keys that a `JobBell` was rung for, each by one worker at a time, over all processes. */
export class JobWorker {
  private readonly connection: Redis;
  private readonly worker: Worker<{ key: string }>;

  constructor({ redisUrl, name, concurrency, work, onFault }: JobWorkerOptions) {
    this.connection = openPatiently(redisUrl);
    this.worker = new Worker<{ key: string }>(name, ({ data }) => work(data.key), {
      connection: this.connection,
      concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      // Being killed is no fault of the key's.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      drainDelay: IDLE_SECONDS,
      skipVersionCheck: true,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    });
    this.worker.on('error', onFault);
    this.worker.on('failed', (_job, error) => onFault(error));
  }

  /** Takes no further key and waits for those that are worked on. */
  async close(): Promise<void> {
    await this.worker.close();
    this.connection.disconnect();
  }
}
