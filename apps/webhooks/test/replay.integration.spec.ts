import { randomUUID } from 'node:crypto';
import { type PublicOperation, webhooks } from '@magistry/contracts';
import { type Asked, RunningWebhooks } from './webhooks.fixture.js';

const MINUTE_MS = 60_000;

let running: RunningWebhooks;
let workspaceId = 100;
beforeAll(async () => {
  running = await RunningWebhooks.start();
});
beforeEach(() => {
  workspaceId += 1;
});
afterAll(() => running.stop());

const ask = (operation: PublicOperation, asked: Asked = {}) => running.ask(operation, asked, workspaceId);

async function anEndpoint(body: object = {}): Promise<number> {
  const asked = { body: { url: 'https://hooks.example/', events: ['post.*'], ...body } };
  return (await ask(webhooks.createEndpoint, asked)).json.data.id;
}
async function publish(count: number, type = 'post.created'): Promise<void> {
  for (let n = 0; n < count; n += 1) await ask(webhooks.publishEvent, { body: { type, data: { n } } });
}
const replay = async (id: number, body: object = {}, key = randomUUID()) =>
  (await ask(webhooks.replayEvents, { params: { id: String(id) }, body, key })).json.data;
const job = async (id: string) => (await ask(webhooks.getJob, { params: { job: id } })).json;
async function ended(id: string) {
  for (let tries = 0; tries < 200; tries += 1) {
    const now = await job(id);
    if (now.finished_at !== null) return now;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`the job did not end: ${JSON.stringify(await job(id))}`);
}
const deliveries = async (id: number, where = 'true') =>
  (
    await running.asOwner(
      `SELECT event_id, status, cause, attempt, schedule_step, replay_job_id FROM delivery
       WHERE endpoint_id = $1 AND ${where} ORDER BY id`,
      [id],
    )
  ).rows;
const fail = (id: number) =>
  running.asOwner(
    `UPDATE delivery SET status = 'failed', reason = 'exhausted', attempt = 10, schedule_step = 10
     WHERE endpoint_id = $1`,
    [id],
  );

test('what has failed is queued again, each event once, from the start of its schedule, with its own id', async () => {
  const id = await anEndpoint();
  await publish(40);
  const before = (await deliveries(id)).map((row) => row.event_id);
  await fail(id);
  const made = await replay(id, { statuses: ['failed'], rate_per_s: 1_000 });
  expect(made).toMatchObject({ type: 'webhook_replay', progress: { total: 40, done: 0 } });
  expect(await ended(made.id)).toMatchObject({
    status: 'succeeded',
    progress: { total: 40, done: 40, queued: 40 },
  });
  const after = await deliveries(id);
  expect(after.map((row) => row.event_id)).toEqual(before);
  for (const row of after)
    expect(row).toMatchObject({ status: 'pending', cause: 'replay', attempt: 10, schedule_step: 0 });
});

test('with dry_run the events are counted and nothing is made', async () => {
  const id = await anEndpoint();
  await publish(3);
  await publish(2, 'post.deleted');
  const dry = (body: object) => replay(id, { dry_run: true, ...body });
  expect(await dry({})).toEqual({ job: null, dry_run: true, total: 5 });
  expect((await dry({ types: ['post.deleted'] })).total).toBe(2);
  expect((await dry({ types: ['page.*'] })).total).toBe(0);
  expect((await dry({ statuses: ['failed'] })).total).toBe(0);
  expect((await dry({ until: new Date(running.clock.now).toISOString() })).total).toBe(0);
  expect((await ask(webhooks.listJobs)).json.data).toEqual([]);
});

test('an endpoint gets what happened before it was there, as far as its filter lets it through', async () => {
  await anEndpoint();
  await publish(4);
  running.clock.now += MINUTE_MS;
  const late = await anEndpoint({ filter: [{ path: 'data.n', op: 'gte', value: 2 }] });
  const { id } = await replay(late, { rate_per_s: 1_000 });
  expect(await ended(id)).toMatchObject({ progress: { total: 4, done: 4, queued: 2 } });
  expect(await deliveries(late)).toHaveLength(2);
});

test('the pace is kept, a cancelled replay stops where it is, and says so again', async () => {
  const id = await anEndpoint();
  await publish(30);
  await fail(id);
  running.clock.now += 1_000;
  const made = await replay(id, { rate_per_s: 10 });
  for (let done = 0; done === 0; ) done = (await job(made.id)).progress.done;
  const asked = { params: { job: made.id }, key: randomUUID() };
  const { json } = await ask(webhooks.cancelJob, asked);
  expect(json).toMatchObject({ status: 'cancelled', finished_at: expect.any(String) });
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect((await job(made.id)).progress.done).toBeLessThan(30);
  expect((await ask(webhooks.cancelJob, { ...asked, key: randomUUID() })).json.status).toBe('cancelled');
  expect(await deliveries(id, `status = 'pending'`)).toHaveLength(json.progress.queued);
});

test('the end of a replay is an event of its own', async () => {
  const id = await anEndpoint();
  const watcher = await anEndpoint({ events: ['job.*'] });
  await publish(1);
  const made = await replay(id);
  await ended(made.id);
  expect(await deliveries(watcher)).toHaveLength(1);
  const { rows } = await running.asOwner(
    `SELECT data FROM event WHERE type = 'job.completed' AND workspace_id = ${workspaceId}`,
  );
  expect(rows[0]?.data).toMatchObject({
    id: made.id,
    status: 'succeeded',
    tenant: `workspace-${workspaceId}`,
    severity: 'info',
  });
});

test('of two copies of a replay under one key there is one job; another workspace does not see it', async () => {
  const id = await anEndpoint();
  await publish(1);
  const key = randomUUID();
  const [one, other] = await Promise.all([replay(id, {}, key), replay(id, {}, key)]);
  expect(one.id).toBe(other.id);
  // The suite's last test has the runner to itself.
  await ended(one.id);
  const elsewhere = running.ask(webhooks.getJob, { params: { job: one.id } }, 8);
  await expect(elsewhere).rejects.toMatchObject({ code: 'not_found' });
  expect((await running.ask(webhooks.listJobs, {}, 8)).json.data).toEqual([]);
});

test('what has served its time goes by whole weeks, and new weeks are there in time', async () => {
  const id = await anEndpoint();
  await publish(2);
  const day = 24 * 60 * MINUTE_MS;
  running.clock.now += 34 * day;
  await running.housekeeping.keepHouse();
  expect(await deliveries(id)).toHaveLength(2);
  running.clock.now += 9 * day;
  await running.housekeeping.keepHouse();
  expect(await deliveries(id)).toEqual([]);
  await publish(1);
  expect(await deliveries(id)).toHaveLength(1);
});

test('a replay whose process died goes on behind its last slice once the lease is over', async () => {
  const id = await anEndpoint();
  await publish(25);
  await fail(id);
  running.clock.now += 1_000;
  const made = await replay(id, { rate_per_s: 10 });
  const died = new Error('the process died');
  let slices = 0;
  await running.replays.stopLooking();
  await running.asOwner(`UPDATE job SET leased_until = NULL WHERE id = $1 AND status <> 'succeeded'`, [
    made.id,
  ]);
  const dies = async () => {
    if (slices++ > 0) throw died;
  };
  await expect(running.replays.runNext(dies)).rejects.toThrow(died);
  const { progress } = await job(made.id);
  expect(progress.done).toBeGreaterThan(0);
  expect(progress.done).toBeLessThan(25);
  expect(await running.replays.runNext(async () => undefined)).toBe(false);
  running.clock.now += MINUTE_MS;
  expect(await running.replays.runNext(async () => undefined)).toBe(true);
  expect(await job(made.id)).toMatchObject({ status: 'succeeded', progress: { done: 25, queued: 25 } });
  expect(new Set((await deliveries(id)).map((row) => row.event_id)).size).toBe(25);
});
