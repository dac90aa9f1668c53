import { randomBytes, randomUUID } from 'node:crypto';
import { webhooks } from '@magistry/contracts';
import { RunningWebhooks } from './webhooks.fixture.js';

const URL = 'https://hooks.example/magistry';

let running: RunningWebhooks;
beforeAll(async () => {
  running = await RunningWebhooks.start();
});
afterAll(() => running.stop());

const create = (body: object = {}, more: { isSpine?: boolean; key?: string } = {}, workspaceId = 7) =>
  running.ask(
    webhooks.createEndpoint,
    { body: { url: URL, events: ['post.created'], ...body }, ...more },
    workspaceId,
  );
const made = async (body: object = {}) => (await create(body)).json.data;
const of = (id: number) => ({ params: { id: String(id) } });
const refusal = (code: string, path: string) => ({ code, errors: [expect.objectContaining({ path })] });

test('a new endpoint is answered with its secret, in the order and names of seed 003, and listed without', async () => {
  const { status, json } = await create({ events: ['post.created', 'post.updated', 'post.created'] });
  expect([status, json.message]).toEqual([201, 'Webhook endpoint created successfully.']);
  expect(Object.keys(json.data)).toEqual(['id', 'url', 'events', 'secret', 'is_active', 'created_at']);
  expect(json.data).toMatchObject({ url: URL, events: ['post.created', 'post.updated'], is_active: true });
  expect(Buffer.from(json.data.secret.replace('whsec_', ''), 'base64')).toHaveLength(32);
  const listed = await running.ask(webhooks.listEndpoints, { query: 'sort=-id&per_page=1' });
  expect(listed.json.data).toEqual([
    {
      ...{ id: json.data.id, url: URL, events: ['post.created', 'post.updated'], is_active: true },
      ...{ success_count: 0, failure_count: 0, last_delivery_at: null, created_at: json.data.created_at },
    },
  ]);
  expect(listed.json.links.first).toContain('https://api.example.com/api/v1/webhooks?page=1');
});

test('the same resource is bare under /v1, and listed there by cursor', async () => {
  const { json } = await create({}, { isSpine: true });
  expect(json.id).toEqual(expect.any(Number));
  const shown = await running.ask(webhooks.getEndpoint, { ...of(json.id), isSpine: true });
  const core = await running.ask(webhooks.getEndpoint, of(json.id));
  expect(core.json).toEqual({ data: shown.json });
  await create();
  const seen: number[] = [];
  for (let cursor = ''; ; ) {
    const page = await running.ask(webhooks.listEndpoints, { query: `limit=2${cursor}`, isSpine: true });
    seen.push(...page.json.data.map((row: { id: number }) => row.id));
    if (!page.json.has_more) break;
    cursor = `&cursor=${page.json.next_cursor}`;
  }
  const all = await running.asOwner('SELECT id FROM endpoint WHERE workspace_id = 7 ORDER BY id');
  expect(seen).toEqual(all.rows.map(({ id }) => id));
});

test('each prefix takes its own list parameters and no other', async () => {
  const asked = (query: string, isSpine: boolean) => running.ask(webhooks.listEndpoints, { query, isSpine });
  await expect(asked('cursor=x', false)).rejects.toMatchObject(refusal('validation_failed', 'cursor'));
  await expect(asked('page=1', true)).rejects.toMatchObject(refusal('validation_failed', 'page'));
  await expect(asked('cursor=cur_bm9uc2Vuc2U', true)).rejects.toMatchObject(
    refusal('validation_failed', 'cursor'),
  );
});

test.each([
  ['url', { url: 'http://hooks.example/' }],
  ['url', { url: 'https://10.0.0.1/' }],
  ['url', { url: 'https://169.254.169.254/latest' }],
  ['url', { url: 'https://[::ffff:127.0.0.1]/' }],
  ['url', { url: 'https://user:word@hooks.example/' }],
  ['url', { url: 'https://hooks.example:22/' }],
  ['events[0]', { events: ['post'] }],
  ['events', { events: [] }],
  ['secret', { secret: 'hunter2' }],
  ['secret', { secret: `whsec_${randomBytes(23).toString('base64')}` }],
  ['secret', { secret: `whsec_${randomBytes(65).toString('base64')}` }],
  ['retry_schedule', { retry_schedule: [] }],
  ['retry_schedule[0]', { retry_schedule: [0] }],
  ['surprise', { surprise: true }],
])('a faulty %s is refused and named: %j', async (path, body) => {
  const { rows: before } = await running.asOwner('SELECT count(*) FROM endpoint');
  await expect(create(body)).rejects.toMatchObject({
    code: 'validation_failed',
    errors: [{ path: expect.stringContaining(path) }],
  });
  expect((await running.asOwner('SELECT count(*) FROM endpoint')).rows).toEqual(before);
});

test('a URL is refused by PATCH as by POST, and nothing changes', async () => {
  const { id } = await made();
  const asked = running.ask(webhooks.updateEndpoint, { ...of(id), body: { url: 'https://127.0.0.2/' } });
  await expect(asked).rejects.toMatchObject(refusal('validation_failed', 'url'));
  expect((await running.ask(webhooks.getEndpoint, of(id))).json.data.url).toBe(URL);
});

test('a secret that is given is kept as it is, sealed at rest, and shown in no other answer', async () => {
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const { id, secret: shown } = await made({ secret });
  expect(shown).toBe(secret);
  const { rows } = await running.asOwner('SELECT sealed_secret FROM endpoint_secret WHERE endpoint_id = $1', [
    id,
  ]);
  expect(rows[0]?.sealed_secret.includes(secret.slice(6))).toBe(false);
  for (const operation of [webhooks.getEndpoint, webhooks.updateEndpoint]) {
    expect(JSON.stringify(await running.ask(operation, { ...of(id), body: {} }))).not.toContain('whsec_');
  }
});

test('a rotated secret signs along until its grace ends, and a second rotation lets none live longer', async () => {
  const { id } = await made();
  const rotate = async (hours: number) =>
    (await running.ask(webhooks.rotateSecret, { ...of(id), body: { grace_period_hours: hours } })).json;
  const first = await rotate(48);
  expect(first).toMatchObject({
    message: expect.any(String),
    data: { id, secret: expect.stringMatching(/^whsec_/) },
  });
  expect(Date.parse(first.data.grace_period_ends_at)).toBe(
    Math.floor(running.clock.now / 1_000) * 1_000 + 48 * 3_600_000,
  );
  await rotate(1);
  const { rows } = await running.asOwner(
    `SELECT extract(epoch FROM expires_at - created_at) / 3600 AS hours FROM endpoint_secret
     WHERE endpoint_id = $1 ORDER BY number`,
    [id],
  );
  expect(rows.map(({ hours }) => hours && Math.round(Number(hours)))).toEqual([1, 1, null]);
});

test('of two creates under one key there is one endpoint, and both get its secret', async () => {
  const key = randomUUID();
  const [one, other] = await Promise.all([create({}, { key }), create({}, { key })]);
  expect(one.json).toEqual(other.json);
  expect([one, other].map(({ headers }) => headers['Idempotent-Replayed']).sort()).toEqual([
    'true',
    undefined,
  ]);
  await expect(create({ events: ['post.deleted'] }, { key })).rejects.toMatchObject({
    code: 'idempotency_key_reused',
  });
});

test('another workspace sees and changes nothing of it', async () => {
  const { id } = await made();
  for (const operation of [
    ...[webhooks.getEndpoint, webhooks.updateEndpoint, webhooks.deleteEndpoint, webhooks.rotateSecret],
    ...[webhooks.listDeliveries, webhooks.pollEvents, webhooks.replayEvents],
  ]) {
    const body = operation.routes[0]?.method === 'GET' ? undefined : {};
    await expect(running.ask(operation, { ...of(id), body }, 8)).rejects.toMatchObject({ code: 'not_found' });
  }
  expect((await running.ask(webhooks.listEndpoints, {}, 8)).json.data).toEqual([]);
});

test.each(['0', '-1', 'abc', '99999999999', '2147483647'])('the id %s is not_found', async (id) => {
  await expect(running.ask(webhooks.getEndpoint, { params: { id } })).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('settings are shown as they were set, and null takes them away', async () => {
  const filter = [{ path: 'data.agent', op: 'eq', value: 'catalog' }];
  const settings = {
    ...{ filter, retry_schedule: [5, 60], signing: 'ed25519', api_version: '2026-05-01' },
    ordering: { key: 'data.subject', on_failure: 'skip' },
  };
  const { id } = await made(settings);
  expect((await running.ask(webhooks.getEndpoint, of(id))).json.data).toMatchObject(settings);
  const nothing = { filter: null, retry_schedule: null, ordering: null };
  const patched = await running.ask(webhooks.updateEndpoint, { ...of(id), body: nothing });
  expect(patched.json.data).toMatchObject({ ...nothing, signing: 'ed25519', events: ['post.created'] });
});
