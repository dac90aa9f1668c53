import { randomUUID } from 'node:crypto';
import { webhooks } from '@magistry/contracts';
import { RunningWebhooks } from './webhooks.fixture.js';

const URL = 'https://hooks.example/magistry';

let running: RunningWebhooks;
beforeAll(async () => {
  running = await RunningWebhooks.start();
});
afterAll(() => running.stop());

async function anEndpoint(body: object = {}): Promise<number> {
  const asked = { body: { url: URL, events: ['post.*'], ...body } };
  return (await running.ask(webhooks.createEndpoint, asked)).json.data.id;
}
const publish = (type = 'post.created', data: object = {}) =>
  running.ask(webhooks.publishEvent, { body: { type, data } });
const patch = (id: number, body: object) =>
  running.ask(webhooks.updateEndpoint, { params: { id: String(id) }, body });
const list = async (id: number, query = '') =>
  (await running.ask(webhooks.listDeliveries, { params: { id: String(id) }, query })).json.data;
const retry = (id: number, delivery: number, key = randomUUID()) =>
  running.ask(webhooks.retryDelivery, { params: { id: String(id), delivery: String(delivery) }, key });
/** As the worker leaves it. */
const worked = (delivery: number, change: string) =>
  running.asOwner(`UPDATE delivery SET ${change} WHERE id = $1`, [delivery]);
const rowsOf = async (id: number) =>
  (
    await running.asOwner(
      `SELECT status, reason, next_attempt_at = 'infinity' AS held, next_attempt_at AS at, cause, attempt
       FROM delivery WHERE endpoint_id = $1 ORDER BY id`,
      [id],
    )
  ).rows;

test('deliveries are listed newest first in the shape of seed 003, by status, page and cursor', async () => {
  const id = await anEndpoint();
  for (const verb of ['created', 'updated', 'deleted']) await publish(`post.${verb}`);
  const [newest, middle, oldest] = await list(id);
  expect([newest, middle, oldest].map((row) => row.event_type)).toEqual([
    ...['post.deleted', 'post.updated', 'post.created'],
  ]);
  await worked(oldest.id, `status = 'success', delivered_at = now(), attempt = 1, response_code = 200`);
  await worked(
    middle.id,
    `status = 'retrying', attempt = 2, response_code = 500, next_attempt_at = '2027-01-15T10:35:00Z'`,
  );
  expect(await list(id, 'status=success')).toEqual([
    {
      ...{ id: oldest.id, event_id: oldest.event_id, event_type: 'post.created', status: 'success' },
      ...{ response_code: 200, attempt: 1, delivered_at: expect.any(String), created_at: oldest.created_at },
    },
  ]);
  const [retrying] = await list(id, 'status=retrying');
  expect(retrying).toMatchObject({ attempt: 2, response_code: 500, next_retry_at: '2027-01-15T10:35:00Z' });
  expect(retrying).not.toHaveProperty('delivered_at');
  expect((await list(id, 'per_page=1&page=2')).map((row: { id: number }) => row.id)).toEqual([middle.id]);
  const asked = { params: { id: String(id) }, isSpine: true };
  const first = await running.ask(webhooks.listDeliveries, { ...asked, query: 'limit=2' });
  const query = `limit=2&cursor=${first.json.next_cursor}`;
  const second = await running.ask(webhooks.listDeliveries, { ...asked, query });
  expect([...first.json.data, ...second.json.data].map(({ id: one }) => one)).toEqual([
    ...[newest.id, middle.id, oldest.id],
  ]);
  expect(second.json).toMatchObject({ next_cursor: null, has_more: false });
});

test('a failed and a waiting delivery are due at once when retried, as the next attempt', async () => {
  const id = await anEndpoint();
  await publish();
  const [{ id: delivery }] = await list(id);
  await worked(delivery, `status = 'failed', reason = 'exhausted', attempt = 10, schedule_step = 10`);
  const { status, json } = await retry(id, delivery);
  expect([status, json]).toEqual([
    200,
    { message: 'Delivery queued for retry.', data: { id: delivery, status: 'pending', attempt: 11 } },
  ]);
  expect(await rowsOf(id)).toEqual([
    expect.objectContaining({
      status: 'pending',
      reason: null,
      cause: 'manual',
      at: new Date(running.clock.now),
    }),
  ]);
  await worked(delivery, `status = 'retrying', attempt = 11, next_attempt_at = now() + interval '1 day'`);
  expect((await retry(id, delivery)).json.data.attempt).toBe(12);
});

test.each([
  ['has arrived', `status = 'success', delivered_at = now()`],
  ['waits to be sent', `status = 'pending'`],
  ['is being sent', `status = 'retrying', leased_until = now() + interval '1 hour'`],
])('one that %s is cannot_retry, and stays as it is', async (_, change) => {
  const id = await anEndpoint();
  await publish();
  const [{ id: delivery }] = await list(id);
  await worked(delivery, change);
  const before = await rowsOf(id);
  await expect(retry(id, delivery)).rejects.toMatchObject({ code: 'cannot_retry' });
  expect(await rowsOf(id)).toEqual(before);
});

test('of two retries at once one is done, and the same key again changes nothing', async () => {
  const id = await anEndpoint();
  await publish();
  const [{ id: delivery }] = await list(id);
  await worked(delivery, `status = 'failed', reason = 'exhausted'`);
  const key = randomUUID();
  const outcomes = await Promise.allSettled([retry(id, delivery, key), retry(id, delivery)]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const again = await retry(id, delivery, key).catch(({ code }) => code);
  expect(again === 'cannot_retry' || again.headers['Idempotent-Replayed'] === 'true').toBe(true);
});

test('while it is inactive an endpoint gets nothing new and its queue waits; activated, the queue is due', async () => {
  const id = await anEndpoint();
  await publish();
  const { json } = await patch(id, { is_active: false });
  expect(json.data).toMatchObject({ is_active: false, disabled_reason: 'manual' });
  await publish();
  expect(await rowsOf(id)).toEqual([expect.objectContaining({ status: 'pending', held: true })]);
  const [{ id: delivery }] = await list(id);
  await worked(delivery, `status = 'failed'`);
  await expect(retry(id, delivery)).rejects.toMatchObject({ code: 'cannot_retry' });
  await worked(delivery, `status = 'retrying'`);
  running.clock.now += 60_000;
  expect((await patch(id, { is_active: true })).json.data).toMatchObject({ disabled_reason: null });
  expect(await rowsOf(id)).toEqual([
    expect.objectContaining({ held: false, at: new Date(running.clock.now) }),
  ]);
});

test('switched on again or moved, an endpoint is forgiven what failed before', async () => {
  const id = await anEndpoint();
  const ill = () =>
    running.asOwner(
      `UPDATE endpoint_health SET failing_since = now(), warned_percent = 70, breaker_state = 'open',
         breaker_until = now() + interval '1 hour', rate_per_s = 1, failure_count = 9 WHERE endpoint_id = $1`,
      [id],
    );
  await ill();
  const moved = await patch(id, { url: 'https://elsewhere.example/' });
  const healthy = { breaker: 'closed', failing_since: null, rate_per_s: 50 };
  expect(moved.json.data).toMatchObject({ failure_count: 9, health: healthy });
  await ill();
  expect((await patch(id, { events: ['post.created'] })).json.data.health.breaker).toBe('open');
  await running.asOwner(`UPDATE endpoint SET is_active = false, disabled_reason = 'gone' WHERE id = $1`, [
    id,
  ]);
  expect((await patch(id, { is_active: true })).json.data.health).toMatchObject(healthy);
});

test('what is queued of a type that is no longer subscribed to is cancelled, the rest stays', async () => {
  const id = await anEndpoint();
  await publish('post.created');
  await publish('post.deleted');
  await patch(id, { events: ['post.created', 'page.*'] });
  expect(await rowsOf(id)).toEqual([
    expect.objectContaining({ status: 'pending', reason: null }),
    expect.objectContaining({ status: 'failed', reason: 'unsubscribed' }),
  ]);
});

test('a deleted endpoint is gone, its queue cancelled, its secrets and replays ended', async () => {
  const id = await anEndpoint();
  await publish();
  const params = { id: String(id) };
  const job = (await running.ask(webhooks.replayEvents, { params, body: { rate_per_s: 0.1 } })).json.data;
  expect((await running.ask(webhooks.deleteEndpoint, { params })).status).toBe(204);
  for (const operation of [webhooks.getEndpoint, webhooks.listDeliveries, webhooks.deleteEndpoint]) {
    await expect(running.ask(operation, { params })).rejects.toMatchObject({ code: 'not_found' });
  }
  expect(await rowsOf(id)).toEqual([
    expect.objectContaining({ status: 'failed', reason: 'endpoint_deleted' }),
  ]);
  const { rows } = await running.asOwner('SELECT 1 FROM endpoint_secret WHERE endpoint_id = $1', [id]);
  expect(rows).toEqual([]);
  const ended = await running.ask(webhooks.getJob, { params: { job: job.id } });
  expect(['cancelled', 'succeeded']).toContain(ended.json.status);
  await publish();
  expect(await rowsOf(id)).toHaveLength(1);
});

test('a delivery shows what was answered at each attempt', async () => {
  const id = await anEndpoint();
  await publish();
  const [{ id: delivery }] = await list(id);
  await running.asOwner(
    `INSERT INTO attempt (created_at, delivery_id, number, workspace_id, endpoint_id, cause, url, succeeded,
       status_code, response_headers, response_body, started_at, duration_ms, phases_ms)
     SELECT created_at, id, 1, 7, endpoint_id, 'event', 'https://a.example/', false, 500, '{"server": "x"}',
       '\\x00ff41', '2026-05-25T06:14:02Z', 145, '{"dns": 1.5}' FROM delivery WHERE id = $1`,
    [delivery],
  );
  const params = { id: String(id), delivery: String(delivery) };
  const { json } = await running.ask(webhooks.getDelivery, { params });
  expect(json.data.attempts).toEqual([
    {
      ...{
        number: 1,
        cause: 'event',
        url: 'https://a.example/',
        succeeded: false,
        status_code: 500,
        error: null,
      },
      ...{
        response_headers: { server: 'x' },
        response_body: '\0\ufffdA',
        started_at: '2026-05-25T06:14:02Z',
      },
      ...{ duration_ms: 145, phases_ms: { dns: 1.5 } },
    },
  ]);
  const other = running.ask(webhooks.getDelivery, { params: { ...params, delivery: `1${params.delivery}` } });
  await expect(other).rejects.toMatchObject({ code: 'not_found' });
});
