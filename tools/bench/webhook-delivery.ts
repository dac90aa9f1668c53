import { setTimeout as pause } from 'node:timers/promises';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Bench } from './bench.ts';
import { type Contender, type Sample, takeTurns } from './rounds.ts';
import { firstAttempts, offer, openSender, withReceiver } from './webhook-sender.ts';
import { addDue, countOf, type Tables } from './webhook-tables.ts';

const DATA = JSON.stringify({ text: 'x'.repeat(900) });
/** More than any side sends; what is left is cancelled after the sample. */
const PREPARED_PER_SECOND = 6_000;
const YARDSTICK_CALLERS = 100;
const LATENCY_PER_SECOND = 200;

/** P5: deliveries, signed, paced, guarded and recorded, against a job, a fetch and an UPDATE each. */
export const webhookDelivery: Bench = {
  id: 'P5',
  measure: (options) =>
    withReceiver(options, async ({ tables, redisUrl, receiverUrl }) => {
      const ours = new Deliveries(tables, redisUrl);
      const yardstick = new JobFetchUpdate(tables, redisUrl, receiverUrl);
      try {
        const [first, second] = await takeTurns([ours, yardstick] as const, options);
        const remark = `first attempt at ${LATENCY_PER_SECOND}/s: ${await ours.latency(options.seconds)}`;
        const what = 'webhook deliveries, 1 KB body, 200 endpoints';
        return [{ id: 'P5', what, ours: first, yardstick: second, promised: 3, remark }];
      } finally {
        await ours.close();
        await yardstick.close();
      }
    }),
};

class Deliveries implements Contender {
  readonly name = 'sender';
  private readonly opened: ReturnType<typeof openSender>;
  private readonly tables: Tables;

  constructor(tables: Tables, redisUrl: string) {
    this.tables = tables;
    this.opened = openSender(tables, redisUrl);
  }

  async run(seconds: number): Promise<Sample> {
    const dueAt = new Date(Date.now() + 2_000 + seconds * 500);
    await addDue(this.tables, seconds * PREPARED_PER_SECOND, dueAt, DATA);
    await this.tables.owner.query('ANALYZE delivery, event');
    const arrived = `SELECT count(*) FROM delivery WHERE status = 'success'`;
    const before = await countOf(this.tables, arrived);
    await pause(Math.max(0, dueAt.getTime() - Date.now()));
    const startedAt = performance.now();
    await this.opened.sender.watch.enqueueDue(Date.now());
    await pause(seconds * 1_000);
    const done = (await countOf(this.tables, arrived)) - before;
    const perSecond = (done * 1_000) / (performance.now() - startedAt);
    await this.cancelRest();
    await pause(500);
    const failed = await countOf(this.tables, 'SELECT count(*) FROM attempt WHERE NOT succeeded');
    return { done, failed, perSecond };
  }

  // Results that are being written at that moment may hold the same rows in another order.
  private async cancelRest(): Promise<void> {
    for (let isDone = false; !isDone; ) {
      const cancelled = this.tables.owner.query(
        `UPDATE delivery SET status = 'failed' WHERE status IN ('pending', 'retrying')`,
      );
      isDone = await cancelled.then(
        () => true,
        () => false,
      );
    }
  }

  /** From the commit of a delivery to the start of its first attempt. */
  async latency(seconds: number): Promise<string> {
    const since = new Date();
    await offer({ seconds, perSecond: LATENCY_PER_SECOND, atOnce: 2 }, (count) =>
      addDue(this.tables, count, new Date(), DATA),
    );
    const { p50Ms, p95Ms, p99Ms, count } = await firstAttempts(this.tables, since);
    const shown = [p50Ms, p95Ms, p99Ms].map((ms) => Number(ms).toFixed(0));
    return `p50 ${shown[0]}, p95 ${shown[1]}, p99 ${shown[2]} ms of ${count}, promised p95 <= 100 ms`;
  }

  async close(): Promise<void> {
    await this.opened.close();
  }
}

/** As it is usually written: one job a delivery, fetch, and one UPDATE. Neither signed, paced, guarded nor kept. */
class JobFetchUpdate implements Contender {
  readonly name = 'BullMQ + fetch + UPDATE';
  private readonly connection: Redis;
  private readonly tables: Tables;
  private readonly receiverUrl: string;
  private next = 1;
  private done = 0;

  constructor(tables: Tables, redisUrl: string, receiverUrl: string) {
    this.tables = tables;
    this.receiverUrl = receiverUrl;
    this.connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  }

  async run(seconds: number): Promise<Sample> {
    // A queue and a worker of its own each: what a drained queue leaves behind kept the next sample's worker asleep.
    const name = `yardstick-${this.next}`;
    const queue = new Queue(name, { connection: this.connection, skipVersionCheck: true });
    const count = seconds * PREPARED_PER_SECOND;
    const ids = Array.from({ length: count }, (_, index) => this.next + index);
    this.next += count;
    await this.tables.owner.query(
      `INSERT INTO webhooks.yardstick_delivery (id, status) SELECT id, 'pending' FROM unnest($1::int[]) AS id`,
      [ids],
    );
    for (let from = 0; from < count; from += 2_000) {
      await queue.addBulk(ids.slice(from, from + 2_000).map((id) => ({ name: 'deliver', data: { id } })));
    }
    const before = this.done;
    const startedAt = performance.now();
    const worker = this.startWorker(name);
    await pause(seconds * 1_000);
    const done = this.done - before;
    const perSecond = (done * 1_000) / (performance.now() - startedAt);
    await worker.close();
    await queue.drain();
    await queue.close();
    return { done, failed: 0, perSecond };
  }

  private startWorker(name: string): Worker<{ id: number }> {
    return new Worker(name, ({ data }) => this.deliver(data.id), {
      connection: this.connection,
      concurrency: YARDSTICK_CALLERS,
      skipVersionCheck: true,
      removeOnComplete: { count: 0 },
    });
  }

  async close(): Promise<void> {
    this.connection.disconnect();
  }

  private async deliver(id: number): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ id: `evt_${id}`, type: 'post.created', data: JSON.parse(DATA) });
    const response = await fetch(`${this.receiverUrl}/${id % 200}`, { method: 'POST', headers, body });
    await response.text();
    await this.tables.pool.query(
      `UPDATE webhooks.yardstick_delivery SET status = 'success', attempts = attempts + 1, response_code = $2,
         updated_at = now() WHERE id = $1`,
      [id, response.status],
    );
    this.done += 1;
  }
}
