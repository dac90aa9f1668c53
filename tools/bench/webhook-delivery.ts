import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker as Thread } from 'node:worker_threads';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { type Bench, withInfrastructure } from './bench.ts';
import { type Contender, type Sample, takeTurns } from './rounds.ts';
import { addDue, countOf, makeWebhookTables, type Tables } from './webhook-tables.ts';
import { Database, renderBody, Sender } from './webhooks-build.ts';

const DATA = JSON.stringify({ text: 'x'.repeat(900) });
/** More than any side sends; what is left is cancelled after the sample. */
const PREPARED_PER_SECOND = 6_000;
const YARDSTICK_CALLERS = 100;
const LATENCY_PER_SECOND = 200;

/** P5: deliveries, signed, paced, guarded and recorded, against a job, a fetch and an UPDATE each. */
export const webhookDelivery: Bench = {
  id: 'P5',
  measure: (options) =>
    withInfrastructure({ ...options, services: false }, async ({ databaseAdminUrl, redisUrl }) => {
      const receiver = new Thread(new URL('./webhook-receiver.ts', import.meta.url));
      const [port] = await once(receiver, 'message');
      const receiverUrl = `http://127.0.0.1:${port}`;
      const tables = await makeWebhookTables(databaseAdminUrl, receiverUrl);
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
        await tables.pool.end();
        await tables.owner.end();
        await receiver.terminate();
      }
    }),
};

class Deliveries implements Contender {
  readonly name = 'sender';
  private readonly database: InstanceType<typeof Database>;
  private readonly sender: InstanceType<typeof Sender>;
  private readonly tables: Tables;

  constructor(tables: Tables, redisUrl: string) {
    this.tables = tables;
    this.database = new Database(tables.url, () => undefined);
    this.sender = new Sender({
      database: this.database,
      databaseUrl: tables.url,
      redisUrl,
      allowsLoopback: true,
      render: renderBody,
      openSecret: (_endpointId, sealed) => sealed.toString(),
      privateKeys: async () => [],
      tell: async () => undefined,
      now: Date.now,
      random: Math.random,
      onFault: () => undefined,
    });
    this.sender.start();
  }

  async run(seconds: number): Promise<Sample> {
    const dueAt = new Date(Date.now() + 2_000 + seconds * 500);
    await addDue(this.tables, seconds * PREPARED_PER_SECOND, dueAt, DATA);
    await this.tables.owner.query('ANALYZE delivery, event');
    const arrived = `SELECT count(*) FROM delivery WHERE status = 'success'`;
    const before = await countOf(this.tables, arrived);
    await pause(Math.max(0, dueAt.getTime() - Date.now()));
    const startedAt = performance.now();
    await this.sender.watch.enqueueDue(Date.now());
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
    const startedAt = performance.now();
    for (let sent = 0; sent < seconds * LATENCY_PER_SECOND; sent += 2) {
      await addDue(this.tables, 2, new Date(), DATA);
      await pause(Math.max(0, startedAt + (sent / LATENCY_PER_SECOND) * 1_000 - performance.now()));
    }
    await pause(1_500);
    const { rows } = await this.tables.owner.query<{ p: number[]; count: number }>(
      `SELECT percentile_disc('{0.5,0.95,0.99}'::float8[]) WITHIN GROUP (ORDER BY
          extract(epoch FROM a.started_at - d.queued_at) * 1000) AS p, count(*)::int
        FROM attempt a JOIN delivery d ON d.created_at = a.created_at AND d.id = a.delivery_id
       WHERE a.number = 1 AND d.queued_at >= $1`,
      [since],
    );
    const [p50, p95, p99] = (rows[0]?.p ?? []).map((ms) => Number(ms).toFixed(0));
    return `p50 ${p50}, p95 ${p95}, p99 ${p99} ms of ${rows[0]?.count}, promised p95 <= 100 ms`;
  }

  async close(): Promise<void> {
    await this.sender.stop();
    await this.database.onModuleDestroy();
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
