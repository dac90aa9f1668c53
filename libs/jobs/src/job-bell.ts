import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { openPromptly } from './connection.js';

/** Rung for a key: some worker shall look what is to be done there. Postgres knows what that is. */
export class JobBell {
  private readonly connection: Redis;
  private readonly queue: Queue;

  constructor(redisUrl: string, name: string) {
    this.connection = openPromptly(redisUrl);
    this.queue = new Queue(name, {
      connection: this.connection,
      skipVersionCheck: true,
      skipWaitingForReady: true,
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    });
    this.queue.on('error', () => undefined);
  }

  /**
   * A key that waits already is not doubled; one that is being worked on is worked on once more afterwards. Rejects
   * while Redis is away: whoever keeps the truth rings again.
   */
  async ring(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    await this.queue.addBulk(
      keys.map((key) => ({
        name: 'ring',
        data: { key },
        opts: { deduplication: { id: key, keepLastIfActive: true } },
      })),
    );
  }

  /** Keys that wait for a worker, and that are being worked on. */
  async counts(): Promise<{ waiting: number; active: number }> {
    const { waiting = 0, active = 0 } = await this.queue.getJobCounts('waiting', 'active');
    return { waiting, active };
  }

  async close(): Promise<void> {
    await this.queue.close().catch(() => undefined);
    this.connection.disconnect();
  }
}
