import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { systemUnderTest } from '../system.fixture.js';
import { type TestWorkspace, Workspaces } from '../workspaces.fixture.js';
import { expectError, INTEGRATIONS, integrate, MESSAGES, post } from './seed-002.fixture.js';

const system = systemUnderTest();
let workspaces: Workspaces;
let home: TestWorkspace;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  home = await workspaces.createOpen();
});
afterAll(() => workspaces.close());

/** A key as it is, in hex, and within base64; its secret alone, as its name may be known. */
function formsOf(key: string): string[] {
  const secret = key.split('_')[3] ?? '';
  expect(secret).toHaveLength(48);
  const encoded = [0, 1, 2].map((shift) =>
    Buffer.from(`${' '.repeat(shift)}${secret}`)
      .toString('base64')
      .slice(4, -4),
  );
  return [secret, Buffer.from(secret).toString('hex'), ...encoded];
}

/** The tables of all schemas that hold one of the texts in any column. */
async function tablesWith(texts: readonly string[]): Promise<string[]> {
  const database = new pg.Client({ connectionString: system.databaseUrl });
  await database.connect();
  try {
    const { rows } = await database.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    expect(rows.length).toBeGreaterThan(50);
    const found: string[] = [];
    for (const { name } of rows) {
      const text = `SELECT 1 FROM ${name} kept WHERE kept::text ~ $1 LIMIT 1`;
      if ((await database.query(text, [texts.join('|')])).rowCount) found.push(name);
    }
    return found;
  } finally {
    await database.end();
  }
}

function logsWith(texts: readonly string[]): string[] {
  const folder = join(system.home, 'logs');
  const names = readdirSync(folder);
  expect(names.length).toBeGreaterThan(5);
  return names.filter((name) => {
    const log = readFileSync(join(folder, name), 'utf8');
    return texts.some((text) => log.includes(text));
  });
}

async function cachedWith(texts: readonly string[]): Promise<string[]> {
  const redis = new Redis(system.redisUrl);
  try {
    const names = await redis.keys('*');
    const values = await Promise.all(names.map((name) => redis.dumpBuffer(name)));
    return names.filter((name, index) => {
      const kept = `${name} ${values[index]?.toString('latin1') ?? ''}`;
      return texts.some((text) => kept.includes(text));
    });
  } finally {
    redis.disconnect();
  }
}

test('API keys are shown once, at creation, and in no other answer', async () => {
  const { id, key, client } = await integrate(home);
  await post(client, { content: 'Hello' });
  const secret = key.split('_')[3] ?? '';
  const answers = [
    await home.client.get(INTEGRATIONS),
    await home.client.get(`${INTEGRATIONS}?search=Widget`),
    await home.client.write('PATCH', `${INTEGRATIONS}/${id}`, { name: 'Renamed' }),
    await home.client.get('/api/v1/api-keys'),
    await home.client.get('/v1/audit?limit=100'),
    await client.get(MESSAGES),
  ];
  for (const { status, text } of answers) {
    expect(status).toBe(200);
    expect(text).not.toContain(secret);
  }
  expect(answers[0]?.json.data[0]).not.toHaveProperty('key');
});

test('keys are never stored in plaintext: no table, cache or log holds one that was made and used', async () => {
  const headers = { 'idempotency-key': 'shown-once' };
  const wanted = { name: 'Widget', agent: 'catalog-assistant' };
  const { json } = await home.client.write('POST', INTEGRATIONS, wanted, headers);
  const { id, key } = json.data;
  const client = home.client.withKey(key);
  await post(client, { content: 'Hello' }, headers);
  await post(client, { content: 'Hello', stream: true });
  expectError(await post(client, { content: 7 }), [400, 'invalid_request']);
  const { json: rotated } = await home.client.write('POST', `${INTEGRATIONS}/${id}/rotate`, {});
  const texts = [...formsOf(key), ...formsOf(rotated.data.key)];
  expect([await tablesWith(texts), await cachedWith(texts), logsWith(texts)]).toEqual([[], [], []]);
  // The names of the same keys are there to be found, so that the search would find them, too.
  const [, , name = ''] = key.split('_');
  expect(await tablesWith([name])).toContain('identity.api_key');
});

test('each key is bound to one agent: it speaks to that, and opens nothing else', async () => {
  const { client } = await integrate(home);
  expect((await post(client, { content: 'Hello', agent: 'catalog-assistant' })).status).toBe(200);
  const message = 'This key speaks to catalog-assistant and to no other agent.';
  for (const stream of [false, true])
    expectError(await post(client, { content: 'Hello', agent: 'document-agent', stream }), [
      ...([403, 'access_denied'] as const),
      message,
    ]);
  for (const path of [
    ...['/api/v1/agents', '/api/v1/agents/catalog-assistant', '/api/v1/runs', '/api/v1/integrations'],
    ...['/api/v1/api-keys', '/api/v1/cost-limits', '/v1/decisions', '/v1/killswitch', '/v1/audit'],
  ])
    expect([path, (await client.get(path)).status]).toEqual([path, 403]);
  const run = await client.write('POST', '/api/v1/agents/catalog-assistant/run', { payload: {} });
  expect([run.status, run.json.code]).toEqual([403, 'access_denied']);
});

test("each key is bound to one integration: another's messages and sessions do not exist for it", async () => {
  const [one, other] = [await integrate(home), await integrate(home)];
  const { json } = await post(one.client, { content: 'Hello', session_id: 'mine' });
  expect((await other.client.get(MESSAGES)).json.data).toEqual([]);
  for (const [method, path] of [
    ['GET', `${MESSAGES}/${json.id}/events`],
    ['DELETE', `${MESSAGES}/${json.id}`],
    ['GET', '/api/v1/sessions/mine'],
  ] as const)
    expectError(await other.client.send(path, { method }), [404, 'not_found']);
});

test('Rotate keys: a new integration works beside the old one, which is then deactivated', async () => {
  const old = await integrate(home);
  expect((await post(old.client, { content: 'Hello' })).status).toBe(200);
  const fresh = await integrate(home);
  expect(fresh.key).not.toBe(old.key);
  for (const { client } of [fresh, old]) expect((await post(client, { content: 'Hello' })).status).toBe(200);
  await home.client.write('PATCH', `${INTEGRATIONS}/${old.id}`, { status: 'disabled' });
  expectError(await post(old.client, { content: 'Hello' }), [403, 'integration_inactive']);
  expect((await post(fresh.client, { content: 'Hello' })).status).toBe(200);
});
