import { randomUUID } from 'node:crypto';
import { webhooks } from '@magistry/contracts';
import { RunningWebhooks } from './webhooks.fixture.js';

let running: RunningWebhooks;
beforeAll(async () => {
  running = await RunningWebhooks.start();
});
afterAll(() => running.stop());

const publish = (body: object, more: { key?: string } = {}, workspaceId = 7) =>
  running.ask(webhooks.publishEvent, { body, ...more }, workspaceId);
const register = (type: string, body: object) =>
  running.ask(webhooks.registerEventType, { params: { type }, body });
const freshId = () => `evt_${randomUUID().replaceAll('-', '')}`;
async function anEndpoint(body: object = {}, workspaceId = 7): Promise<number> {
  const asked = { body: { url: 'https://hooks.example/', events: ['*'], ...body } };
  return (await running.ask(webhooks.createEndpoint, asked, workspaceId)).json.data.id;
}
const deliveriesTo = async (id: number) =>
  (
    await running.asOwner(
      'SELECT event_id, event_type, ordering_key FROM delivery WHERE endpoint_id = $1 ORDER BY id',
      [id],
    )
  ).rows;
const eventOf = async (id: string) =>
  (await running.asOwner('SELECT type, data::text AS data FROM event WHERE id = $1', [id])).rows;

test('an event is accepted once it and its deliveries are kept, with its data byte for byte in order', async () => {
  const [all, posts, pages] = [
    await anEndpoint(),
    await anEndpoint({ events: ['post.*'] }),
    await anEndpoint({ events: ['page.created'] }),
  ];
  const data = { z: 1, a: 'line\nbreak \u0000 \ud800', nested: { b: [1.5, null], __proto: 1 } };
  const { status, json } = await publish({ type: 'post.created', data });
  expect([status, Object.keys(json)]).toEqual([202, ['id', 'type', 'accepted_at']]);
  const delivery = { event_id: json.id, event_type: 'post.created', ordering_key: null };
  expect([await deliveriesTo(all), await deliveriesTo(posts), await deliveriesTo(pages)]).toEqual([
    ...[[delivery], [delivery], []],
  ]);
  expect(await eventOf(json.id)).toEqual([{ type: 'post.created', data: JSON.stringify(data) }]);
});

test('the same id again is the same event, whatever runs at once; another event under it is a conflict', async () => {
  const id = freshId();
  const endpoint = await anEndpoint();
  const event = { id, type: 'post.created', data: { one: 1, two: 2 } };
  const reordered = { ...event, data: { two: 2, one: 1 } };
  const answers = await Promise.all([publish(event), publish(event), publish(reordered)]);
  expect(new Set(answers.map(({ json }) => JSON.stringify(json))).size).toBe(1);
  running.clock.now += 8 * 24 * 3_600_000;
  expect((await publish(event)).json).toEqual(answers[0]?.json);
  await expect(publish({ ...event, type: 'post.deleted' })).rejects.toMatchObject({ code: 'conflict' });
  expect(await deliveriesTo(endpoint)).toHaveLength(1);
  expect((await publish(event, {}, 8)).status).toBe(202);
});

test.each([
  'decision.applied',
  'endpoint.disabled',
  'killswitch.flipped',
  'agent.escalated',
  'job.completed',
])('%s is the platform’s to publish and to describe', async (type) => {
  await expect(publish({ type, data: {} })).rejects.toMatchObject({ code: 'access_denied' });
  await expect(register(type, { schema: {} })).rejects.toMatchObject({ code: 'access_denied' });
});

test.each([
  [{ type: 'post', data: {} }, 'type'],
  [{ type: '*', data: {} }, 'type'],
  [{ type: 'post.*', data: {} }, 'type'],
  [{ type: 'post.created', data: [] }, 'data'],
  [{ type: 'post.created' }, 'data'],
  [{ type: 'post.created', data: {}, id: 'order-1' }, 'id'],
  [{ type: 'post.created', data: JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`) }, 'data'],
])('%j is refused and names %s', async (body, path) => {
  await expect(publish(body)).rejects.toMatchObject({
    code: 'validation_failed',
    errors: [expect.objectContaining({ path })],
  });
});

test('filters and ordering keys are taken from the body at the endpoint’s own version', async () => {
  const filter = [{ path: 'data.n', op: 'gte', value: 2 }];
  const endpoint = await anEndpoint({ filter, ordering: { key: 'data.subject' } });
  for (const n of [1, 2, 3]) await publish({ type: 'post.created', data: { n, subject: `sku-${n}` } });
  expect((await deliveriesTo(endpoint)).map((row) => row.ordering_key)).toEqual(['sku-2', 'sku-3']);
});

test('a registered schema is enforced from then on; another one is its next version, the same one is not', async () => {
  const schema = { type: 'object', required: ['n'], properties: { n: { type: 'integer', minimum: 1 } } };
  const first = await register('order.paid', { schema, example: { n: 5 } });
  expect(first.json).toEqual({ data: { type: 'order.paid', version: 1, schema, example: { n: 5 } } });
  expect((await register('order.paid', { schema, example: { n: 5 } })).json.data.version).toBe(1);
  const refused = publish({ type: 'order.paid', data: { n: 0 } });
  await expect(refused).rejects.toMatchObject({
    code: 'validation_failed',
    errors: [expect.objectContaining({ path: 'data.n', code: 'minimum' })],
  });
  expect((await publish({ type: 'order.paid', data: { n: 1 } })).status).toBe(202);
  expect((await publish({ type: 'order.paid', data: { n: 0 } }, {}, 8)).status).toBe(202);
  expect((await register('order.paid', { schema: {} })).json.data.version).toBe(2);
  expect((await publish({ type: 'order.paid', data: { n: 0 } })).status).toBe(202);
});

test('of several first schemas at once each gets a version of its own', async () => {
  const schemas = [1, 2, 3].map((minimum) => ({ type: 'object', minProperties: minimum }));
  const answers = await Promise.all(schemas.map((schema) => register('race.run', { schema })));
  expect(answers.map(({ json }) => json.data.version).sort()).toEqual([1, 2, 3]);
});

test.each([
  [{ type: 'nonsense' }],
  [{ properties: { a: { $ref: 'https://elsewhere.example/schema' } } }],
  [{ properties: { a: { pattern: '^(a+)+$' } } }],
  [{ properties: { a: { type: 'array', uniqueItems: true } } }],
])('a schema that cannot be used safely is refused: %j', async (schema) => {
  await expect(register('bad.schema', { schema })).rejects.toMatchObject({ code: 'validation_failed' });
});

test('an example that does not fit its schema is refused', async () => {
  const refused = register('bad.example', { schema: { type: 'object', required: ['a'] }, example: {} });
  await expect(refused).rejects.toMatchObject({ code: 'validation_failed' });
});

test('the catalogue lists the platform’s kinds at each version and the workspace’s own', async () => {
  await register('parcel.shipped', { schema: { type: 'object', properties: { n: { type: 'integer' } } } });
  const { json } = await running.ask(webhooks.listEventTypes, { isSpine: true });
  const kinds: { type: string; version: unknown; example: object }[] = json.data;
  const applied = kinds.filter(({ type }) => type === 'decision.applied');
  expect(applied.map(({ version }) => version)).toEqual(['2026-05-01', '2026-11-01']);
  expect(applied[0]?.example).toMatchObject({ judge_score: 0.88, tenant: 'linen-house', severity: 'info' });
  expect(applied[1]?.example).toMatchObject({ judge: { score: 0.88, verdict: 'PASS' } });
  expect(kinds.find(({ type }) => type === 'parcel.shipped')).toMatchObject({
    version: 1,
    example: { n: 1 },
  });
  const { json: elsewhere } = await running.ask(webhooks.listEventTypes, {}, 8);
  expect(JSON.stringify(elsewhere)).not.toContain('parcel.shipped');
});

test('a receiver without a URL polls: oldest first, acknowledged by the cursor, from which it goes on', async () => {
  const id = await anEndpoint({ url: null, events: ['poll.*'] });
  const poll = async (query = '') =>
    (await running.ask(webhooks.pollEvents, { params: { id: String(id) }, query })).json;
  expect(await poll()).toEqual({ data: [], next_cursor: null, has_more: false });
  for (const n of [1, 2, 3]) await publish({ type: 'poll.made', data: { n } });
  const first = await poll('limit=2');
  expect(first.data.map((event: { data: unknown }) => event.data)).toEqual([{ n: 1 }, { n: 2 }]);
  expect(Object.keys(first.data[0])).toEqual(['id', 'type', 'created_at', 'data']);
  expect(first.has_more).toBe(true);
  const statuses = async () =>
    (await running.asOwner('SELECT status FROM delivery WHERE endpoint_id = $1 ORDER BY id', [id])).rows.map(
      ({ status }) => status,
    );
  expect(await statuses()).toEqual(['pending', 'pending', 'pending']);
  const second = await poll(`cursor=${first.next_cursor}`);
  expect(second.data).toHaveLength(1);
  expect(await statuses()).toEqual(['success', 'success', 'pending']);
  expect(await poll(`cursor=${second.next_cursor}`)).toMatchObject({
    data: [],
    next_cursor: second.next_cursor,
  });
  await publish({ type: 'poll.made', data: { n: 4 } });
  expect((await poll(`cursor=${second.next_cursor}`)).data).toHaveLength(1);
});

test('a polling receiver misses nothing of what many publish at once', async () => {
  const id = await anEndpoint({ url: null, events: ['rush.*'] });
  const wanted = Array.from({ length: 60 }, (_, n) => n);
  const publishing = Promise.all(wanted.map((n) => publish({ type: 'rush.made', data: { n } })));
  let isDone = false;
  void publishing.then(() => {
    isDone = true;
  });
  const seen: number[] = [];
  for (let cursor = '', last = false; ; ) {
    last = isDone;
    const asked = { params: { id: String(id) }, query: `limit=7${cursor}` };
    const { json } = await running.ask(webhooks.pollEvents, asked);
    seen.push(...json.data.map((event: { data: { n: number } }) => event.data.n));
    if (json.next_cursor) cursor = `&cursor=${json.next_cursor}`;
    if (last && !json.has_more) break;
  }
  expect(seen.sort((one, other) => one - other)).toEqual(wanted);
});
