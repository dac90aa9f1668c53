import { eventually } from '../eventually.fixture.js';
import type { GatewayClient } from '../gateway.fixture.js';
import { report } from '../kills.fixture.js';
import { expectProblem } from '../problem.fixture.js';
import { systemUnderTest } from '../system.fixture.js';
import { Workspaces } from '../workspaces.fixture.js';
import { ID, INSTANT, KEY } from './seed-003.fixture.js';

const PATH = '/api/v1/api-keys';
const LAST_USED_MS_MAX = 10_000;

let workspaces: Workspaces;
let client: GatewayClient;

beforeAll(async () => {
  workspaces = await Workspaces.open(systemUnderTest());
});
beforeEach(async () => {
  ({ client } = await workspaces.create());
});
afterAll(() => workspaces.close());

const PRODUCTION_KEY = {
  name: 'Production API Key',
  scopes: ['posts:read', 'posts:write'],
  rate_limit_tier: 'pro',
};
const MOBILE_KEY = {
  name: 'Mobile App Key',
  scopes: ['posts:read', 'users:read'],
  rate_limit_tier: 'pro',
  expires_at: '2027-01-01T00:00:00Z',
};

async function issue(body: object) {
  const { status, json } = await client.write('POST', PATH, body);
  expect(status).toBe(201);
  return json.data;
}

test('List API Keys and Get API Key', async () => {
  const { id, key } = await issue(PRODUCTION_KEY);
  const printed = {
    id,
    ...PRODUCTION_KEY,
    prefix: key.slice(0, 'sk_live_abc'.length),
    last_used_at: null,
    expires_at: null,
    created_at: INSTANT,
  };
  const list = await client.get(PATH);
  expect([list.status, list.json.data[1]]).toEqual([200, printed]);
  expect(list.json.meta.total).toBe(2);
  expect(list.text).not.toContain(key.split('_')[3]);
  expect((await client.get(`${PATH}/${id}`)).json).toEqual({ data: printed });
});

test('Create API Key', async () => {
  const { status, json } = await client.write('POST', PATH, MOBILE_KEY);
  expect(status).toBe(201);
  expect(json).toEqual({
    message: 'API key created successfully.',
    data: { id: ID, ...MOBILE_KEY, key: KEY, created_at: INSTANT },
  });
  const { scopes, rate_limit_tier, expires_at } = await issue({ name: 'Plain' });
  expect([scopes, rate_limit_tier, expires_at]).toEqual([['read', 'write'], 'enterprise', null]);
});

test('Rotate API Key: both keys work, and the old one’s answers say until when', async () => {
  const old = await issue({ ...MOBILE_KEY, scopes: ['killswitch:read'] });
  const { status, json } = await client.write('POST', `${PATH}/${old.id}/rotate`, { grace_period_hours: 24 });
  expect(status).toBe(200);
  expect(json).toEqual({
    message: 'API key rotated successfully.',
    data: {
      id: ID,
      name: 'Mobile App Key',
      key: KEY,
      scopes: ['killswitch:read'],
      grace_period_ends_at: INSTANT,
    },
  });
  const endsUnixSeconds = Date.parse(json.data.grace_period_ends_at) / 1_000;
  await eventually(1_000, async () => {
    const answered = await client.withKey(old.key).get('/v1/killswitch');
    expect([answered.status, answered.headers['api-key-expires']]).toEqual([200, `@${endsUnixSeconds}`]);
  });
  const fresh = await client.withKey(json.data.key).get('/v1/killswitch');
  expect([fresh.status, fresh.headers['api-key-expires']]).toEqual([200, undefined]);
  const again = await client.write('POST', `${PATH}/${old.id}/rotate`, {});
  expectProblem(again, 'conflict');
});

test('Rotate API Key without a body keeps the old one for 24 hours', async () => {
  const { id } = await issue({ name: 'Plain' });
  const { json } = await client.write('POST', `${PATH}/${id}/rotate`, undefined);
  const graceMs = Date.parse(json.data.grace_period_ends_at) - Date.now();
  expect(graceMs / 3_600_000).toBeCloseTo(24, 2);
});

test('Revoke API Key', async () => {
  const { id, key } = await issue({ name: 'Plain' });
  expect((await client.withKey(key).get('/v1/killswitch')).status).toBe(200);
  const revoked = await client.write('DELETE', `${PATH}/${id}`, undefined);
  expect([revoked.status, revoked.text]).toEqual([204, '']);
  await eventually(1_000, async () =>
    expectProblem(await client.withKey(key).get('/v1/killswitch'), 'unauthorized'),
  );
  expectProblem(await client.get(`${PATH}/${id}`), 'not_found');
});

test('last_used_at lags at most 10 s', async () => {
  const { id, key } = await issue({ name: 'Plain' });
  const usedAt = Date.now();
  await client.withKey(key).get('/v1/killswitch');
  const shown = await eventually(LAST_USED_MS_MAX, async () => {
    const { json } = await client.get(`${PATH}/${id}`);
    expect(json.data.last_used_at).toEqual(INSTANT);
    return json.data.last_used_at;
  });
  report(`last_used_at was there ${Date.now() - usedAt} ms after the use`);
  expect(Math.abs(Date.parse(shown) - usedAt)).toBeLessThan(2_000);
});
