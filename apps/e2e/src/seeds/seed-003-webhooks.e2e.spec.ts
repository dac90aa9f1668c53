import { WebhookVerifier } from '@magistry/webhook-signatures';
import { eventually } from '../eventually.fixture.js';
import type { GatewayClient } from '../gateway.fixture.js';
import { expectProblem } from '../problem.fixture.js';
import { Receiver } from '../receiver.fixture.js';
import { systemUnderTest } from '../system.fixture.js';
import { Workspaces } from '../workspaces.fixture.js';
import { ID, INSTANT } from './seed-003.fixture.js';

const PATH = '/api/v1/webhooks';
const URL = 'https://your-app.com/webhooks';
const SECRET = expect.stringMatching(/^whsec_[A-Za-z0-9+/]{32,}=*$/);
const EVENT_ID = expect.stringMatching(/^evt_/);
const DELIVERED_MS_MAX = 10_000;

let workspaces: Workspaces;
let receiver: Receiver;
let client: GatewayClient;

beforeAll(async () => {
  workspaces = await Workspaces.open(systemUnderTest());
  receiver = await Receiver.open();
});
beforeEach(async () => {
  ({ client } = await workspaces.create());
  receiver.answers(200);
  receiver.received.length = 0;
});
afterAll(async () => {
  await receiver.close();
  await workspaces.close();
});

async function create(body: object = {}) {
  const wanted = { url: receiver.url, events: ['post.created', 'post.updated'], ...body };
  const { status, json } = await client.write('POST', PATH, wanted);
  expect(status).toBe(201);
  return json.data;
}
const publish = (type = 'post.created', data: object = { id: 1 }) =>
  client.write('POST', '/api/v1/events', { type, data });
const deliveriesOf = async (id: number, query = '') =>
  (await client.get(`${PATH}/${id}/deliveries${query}`)).json;
/** The newest delivery, once it stands so. */
const delivered = (id: number, status: string) =>
  eventually(DELIVERED_MS_MAX, async () => {
    const { data } = await deliveriesOf(id);
    expect(data[0]?.status).toBe(status);
    return data[0];
  });

test('Create Webhook Endpoint', async () => {
  const wanted = { url: URL, events: ['post.created', 'post.updated', 'post.deleted'] };
  const { status, json } = await client.write('POST', PATH, wanted);
  expect(status).toBe(201);
  expect(json).toEqual({
    message: 'Webhook endpoint created successfully.',
    data: { id: ID, ...wanted, secret: SECRET, is_active: true, created_at: INSTANT },
  });
  const http = await client.write('POST', PATH, { ...wanted, url: 'http://your-app.com/webhooks' });
  expect([http.status, http.json.error, Object.keys(http.json.errors)]).toEqual([
    ...[422, 'validation_failed', ['url']],
  ]);
});

test('List Webhook Endpoints and Get Webhook Endpoint', async () => {
  const { id } = await create({ url: URL });
  const counts = { success_count: 0, failure_count: 0 };
  const printed = {
    ...{ id, url: URL, events: ['post.created', 'post.updated'], is_active: true, ...counts },
    ...{ last_delivery_at: null, created_at: INSTANT },
  };
  const list = await client.get(PATH);
  expect([list.status, list.json.data]).toEqual([200, [printed]]);
  const one = await client.get(`${PATH}/${id}`);
  expect(one.json.data).toMatchObject({ ...printed, consecutive_failures: 0 });
  expect(list.text + one.text).not.toContain('whsec_');
});

test('Update Webhook Endpoint', async () => {
  const { id } = await create({ url: URL });
  const change = { url: 'https://new-url.com/webhooks', events: ['post.*'], is_active: true };
  const { status, json } = await client.write('PATCH', `${PATH}/${id}`, change);
  expect([status, json.data]).toEqual([200, expect.objectContaining({ id, ...change })]);
});

test('Delete Webhook Endpoint', async () => {
  const { id } = await create({ url: URL });
  expect((await client.write('DELETE', `${PATH}/${id}`, undefined)).status).toBe(204);
  const gone = await client.get(`${PATH}/${id}`);
  expect([gone.status, gone.json.error]).toEqual([404, 'not_found']);
});

test('Test Webhook Endpoint', async () => {
  const { id, secret } = await create({ events: ['decision.applied'] });
  const tested = await client.write('POST', `${PATH}/${id}/test`, undefined);
  expect([tested.status, tested.json]).toEqual([
    200,
    {
      ...{ success: true, status_code: 200, response_time_ms: expect.any(Number) },
      response_body: '{"received": true}',
    },
  ]);
  const [sent] = receiver.received;
  expect(sent?.json).toMatchObject({
    id: EVENT_ID,
    type: 'decision.applied',
    data: { tenant: 'linen-house' },
  });
  const verifier = new WebhookVerifier({ secrets: [secret] });
  expect(verifier.verify({ headers: sent?.headers ?? {}, body: Buffer.from(sent?.text ?? '') }).id).toEqual(
    EVENT_ID,
  );
  receiver.answers(500);
  const failed = await client.write('POST', `${PATH}/${id}/test`, undefined);
  expect([failed.status, failed.json]).toEqual([
    200,
    {
      ...{ success: false, status_code: 500, error: expect.any(String) },
      response_time_ms: expect.any(Number),
    },
  ]);
  const { id: dead } = await create({ url: 'http://127.0.0.1:1/' });
  const unanswered = await client.write('POST', `${PATH}/${dead}/test`, undefined);
  expect([unanswered.status, unanswered.json]).toMatchObject([200, { success: false, status_code: null }]);
  expect((await client.get(`${PATH}/${id}`)).json.data).toMatchObject({ success_count: 0, failure_count: 0 });
});

test('List Webhook Deliveries', async () => {
  const { id } = await create();
  const first = await publish();
  const success = await delivered(id, 'success');
  expect(success).toEqual({
    ...{ id: ID, event_id: first.json.id, event_type: 'post.created', status: 'success', response_code: 200 },
    ...{ attempt: 1, delivered_at: INSTANT, created_at: INSTANT },
  });
  receiver.answers(500);
  await publish('post.updated');
  const retrying = await delivered(id, 'retrying');
  expect(retrying).toMatchObject({
    ...{ id: ID, event_id: EVENT_ID, event_type: 'post.updated', response_code: 500, attempt: 1 },
    ...{ next_retry_at: INSTANT, created_at: INSTANT },
  });
  expect(retrying).not.toHaveProperty('delivered_at');
  const { data, meta, links } = await deliveriesOf(id, '?status=success');
  expect([data, meta.total, links.next]).toEqual([[success], 1, null]);
  expect((await deliveriesOf(id)).data.map((row: { id: number }) => row.id)).toEqual([
    retrying.id,
    success.id,
  ]);
  const unknown = await client.get(`${PATH}/${id}/deliveries?status=lost`);
  expect([unknown.status, unknown.json.error]).toEqual([422, 'validation_failed']);
  await eventually(DELIVERED_MS_MAX, async () => {
    const { data: endpoint } = (await client.get(`${PATH}/${id}`)).json;
    expect(endpoint).toMatchObject({ success_count: 1, failure_count: 1, consecutive_failures: 1 });
    expect(endpoint.last_delivery_at).toEqual(INSTANT);
  });
});

test('Retry Webhook Delivery', async () => {
  const { id } = await create({ retry_schedule: [3_600] });
  receiver.answers(500);
  await publish();
  const { id: delivery } = await delivered(id, 'retrying');
  receiver.answers(200);
  const path = `${PATH}/${id}/deliveries/${delivery}/retry`;
  const { status, json } = await client.write('POST', path, undefined);
  expect([status, json]).toEqual([
    200,
    { message: 'Delivery queued for retry.', data: { id: delivery, status: 'pending', attempt: 2 } },
  ]);
  expect(await delivered(id, 'success')).toMatchObject({ id: delivery, attempt: 2 });
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  const again = await client.write('POST', path, undefined);
  expect([again.status, again.json.error]).toEqual([400, 'cannot_retry']);
});

test('The same resource under /v1, in the style of that prefix', async () => {
  const wanted = { url: receiver.url, events: ['post.*'] };
  const made = await client.write('POST', '/v1/webhooks', wanted);
  expect([made.status, made.json]).toMatchObject([201, { ...wanted, id: ID, secret: SECRET }]);
  const keyless = await client.send('/v1/webhooks', { method: 'POST', body: wanted });
  expectProblem(keyless, 'idempotency_key_missing');
  const { id } = made.json;
  expect((await client.get(`/v1/webhooks/${id}`)).json).toEqual(
    (await client.get(`${PATH}/${id}`)).json.data,
  );
  await publish();
  await delivered(id, 'success');
  const page = await client.get(`/v1/webhooks/${id}/deliveries?limit=1`);
  expect(page.json).toMatchObject({ data: [{ status: 'success' }], next_cursor: null, has_more: false });
  const tested = await client.write('POST', `/v1/webhooks/${id}/test`, undefined);
  expect([tested.status, tested.json.success]).toEqual([200, true]);
  expectProblem(await client.get('/v1/webhooks/1'), 'not_found');
});

test('While its secret is rotated, a delivery verifies with the old one and with the new one', async () => {
  const { id, secret } = await create();
  const { json } = await client.write('POST', `${PATH}/${id}/rotate`, { grace_period_hours: 24 });
  expect(json).toEqual({
    message: 'Webhook secret rotated successfully.',
    data: { id, secret: SECRET, grace_period_ends_at: INSTANT },
  });
  await publish();
  const sent = await receiver.got(DELIVERED_MS_MAX, ({ json: body }) => body.type === 'post.created');
  for (const one of [secret, json.data.secret]) {
    const { id: verified } = new WebhookVerifier({ secrets: [one] }).verify({
      headers: sent.headers,
      body: Buffer.from(sent.text),
    });
    expect(verified).toBe(sent.json.id);
  }
});
