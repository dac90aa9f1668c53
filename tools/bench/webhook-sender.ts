import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker as Thread } from 'node:worker_threads';
import type { SenderOptions } from '../../apps/webhooks/src/sender/sender.ts';
import { type BenchOptions, withInfrastructure } from './bench.ts';
import { makeWebhookTables, type Tables } from './webhook-tables.ts';
import { Database, renderBody, Sender } from './webhooks-build.ts';

/** All that is offered is sent, and written down, so long after the last of it. */
const WRITTEN_MS = 1_500;

export interface Surroundings {
  readonly tables: Tables;
  readonly redisUrl: string;
  readonly receiverUrl: string;
}

/** Runs `work` on tables with endpoints at a receiver that has a thread of its own, and ends all of them. */
export function withReceiver<Result>(
  options: BenchOptions,
  work: (surroundings: Surroundings) => Promise<Result>,
): Promise<Result> {
  return withInfrastructure({ ...options, services: false }, async ({ databaseAdminUrl, redisUrl }) => {
    const receiver = new Thread(new URL('./webhook-receiver.ts', import.meta.url));
    const [port] = await once(receiver, 'message');
    const receiverUrl = `http://127.0.0.1:${port}`;
    const tables = await makeWebhookTables(databaseAdminUrl, receiverUrl);
    try {
      return await work({ tables, redisUrl, receiverUrl });
    } finally {
      await tables.pool.end();
      await tables.owner.end();
      await receiver.terminate();
    }
  });
}

/** The sender of the built webhooks service over a bench's tables, started. */
export function openSender({ url }: Tables, redisUrl: string, more: Partial<SenderOptions> = {}) {
  const database = new Database(url, () => undefined);
  const sender = new Sender({
    ...{ database, databaseUrl: url, redisUrl, allowsLoopback: true, render: renderBody },
    openSecret: (_endpointId, sealed) => sealed.toString(),
    privateKeys: async () => [],
    tell: async () => undefined,
    now: Date.now,
    random: Math.random,
    onFault: () => undefined,
    ...more,
  });
  sender.start();
  const close = async () => {
    await sender.stop();
    await database.onModuleDestroy();
  };
  return { sender, close };
}

/** Calls `add` for so many deliveries a second, evenly, `atOnce` of them at a time. */
export async function offer(
  { seconds, perSecond, atOnce }: { seconds: number; perSecond: number; atOnce: number },
  add: (count: number) => Promise<void>,
): Promise<void> {
  const startedAt = performance.now();
  for (let sent = 0; sent < seconds * perSecond; sent += atOnce) {
    await add(atOnce);
    await pause(Math.max(0, startedAt + (sent / perSecond) * 1_000 - performance.now()));
  }
}

/** From the commit of a delivery to the start of its first attempt, of what was queued since; `except` aside. */
export async function firstAttempts({ owner }: Tables, since: Date, except: number | null = null) {
  await pause(WRITTEN_MS);
  const { rows } = await owner.query<{ p: number[] | null; count: number }>(
    `SELECT percentile_disc('{0.5,0.95,0.99}'::float8[]) WITHIN GROUP (ORDER BY
        extract(epoch FROM a.started_at - d.queued_at) * 1000) AS p, count(*)::int
      FROM attempt a JOIN delivery d ON d.created_at = a.created_at AND d.id = a.delivery_id
     WHERE a.number = 1 AND d.queued_at >= $1 AND d.endpoint_id IS DISTINCT FROM $2`,
    [since, except],
  );
  const [p50Ms, p95Ms, p99Ms] = (rows[0]?.p ?? []).map(Number);
  return { p50Ms, p95Ms, p99Ms, count: rows[0]?.count ?? 0 };
}
