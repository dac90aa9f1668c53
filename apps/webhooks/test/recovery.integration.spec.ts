import { randomUUID } from 'node:crypto';
import { webhooks } from '@magistry/contracts';
import { RunningWebhooks } from './webhooks.fixture.js';

/** As many as a receiver that was away for a day may have missed. */
const FAILED = 100_000;
const SLICE = 1_000;
const MINUTE_MS = 60_000;

let running: RunningWebhooks;
let endpoint: number;

beforeAll(async () => {
  running = await RunningWebhooks.start();
  await running.replays.stopLooking();
  const body = { url: 'https://hooks.example/', events: ['post.*'] };
  endpoint = (await running.ask(webhooks.createEndpoint, { body })).json.data.id;
  await running.asOwner(
    `WITH happened AS (INSERT INTO event (created_at, workspace_id, id, type, data, is_platform)
       SELECT now() - interval '1 minute' - n * interval '0.1 s', 7, 'evt_' || n, 'post.created', '{}', false
         FROM generate_series(1, ${FAILED}) AS n RETURNING created_at, id)
     INSERT INTO delivery (created_at, workspace_id, endpoint_id, event_id, event_type, status, reason, attempt,
       schedule_step, next_attempt_at, queued_at)
     SELECT created_at, 7, $1, id, 'post.created', 'failed', 'exhausted', 10, 10, created_at, created_at FROM happened`,
    [endpoint],
  );
}, 60_000);
afterAll(() => running.stop());

async function replay(): Promise<string> {
  const body = { statuses: ['failed'], rate_per_s: SLICE };
  const asked = { params: { id: String(endpoint) }, body, key: randomUUID() };
  const { id, progress } = (await running.ask(webhooks.replayEvents, asked)).json.data;
  expect(progress).toEqual({ total: FAILED, done: 0, queued: 0 });
  return id;
}

const job = async (id: string) => (await running.ask(webhooks.getJob, { params: { job: id } })).json;
const cancel = (id: string) =>
  running.ask(webhooks.cancelJob, { params: { job: id }, body: {}, key: randomUUID() });

async function queuedBy(id: string): Promise<number> {
  const sql = `SELECT count(*)::int AS count FROM delivery
    WHERE replay_job_id = $1 AND status = 'pending' AND cause = 'replay' AND schedule_step = 0 AND attempt = 10`;
  return (await running.asOwner(sql, [id])).rows[0]?.count;
}

/** Works on the oldest job without waiting, and does `then` instead of its nth slice. Returns what it would wait. */
async function work(nth = Number.POSITIVE_INFINITY, then?: () => Promise<unknown>): Promise<number[]> {
  const waits: number[] = [];
  await running.replays.runNext(async (waitMs) => {
    waits.push(waitMs);
    if (waits.length === nth) await then?.();
  });
  return waits.slice(1);
}

test('a recovery of 100,000 that is cancelled has queued what it says, and nothing more', async () => {
  const id = await replay();
  await work(6, () => cancel(id));
  const { status, progress } = await job(id);
  expect([status, progress]).toEqual(['cancelled', { total: FAILED, done: 5 * SLICE, queued: 5 * SLICE }]);
  expect(await queuedBy(id)).toBe(5 * SLICE);
  await running.asOwner(
    `UPDATE delivery SET status = 'failed', schedule_step = 10 WHERE replay_job_id = $1`,
    [id],
  );
});

test('one whose process dies goes on elsewhere, at its pace, and queues each of 100,000 once', async () => {
  const id = await replay();
  const died = new Error('the process died');
  const startedAt = performance.now();
  await expect(work(31, () => Promise.reject(died))).rejects.toThrow(died);
  expect((await job(id)).progress).toEqual({ total: FAILED, done: 30 * SLICE, queued: 30 * SLICE });
  running.clock.now += MINUTE_MS;
  const waits = await work();
  console.log(
    `${FAILED} were queued again in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s of work`,
  );
  // The last look finds nothing more.
  expect(waits).toEqual(Array(FAILED / SLICE - 30).fill(1_000));
  const { status, progress } = await job(id);
  expect([status, progress]).toEqual(['succeeded', { total: FAILED, done: FAILED, queued: FAILED }]);
  expect(await queuedBy(id)).toBe(FAILED);
}, 60_000);
