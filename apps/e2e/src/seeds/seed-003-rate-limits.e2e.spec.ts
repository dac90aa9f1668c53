import type { Tier } from '@magistry/contracts';
import { eventually } from '../eventually.fixture.js';
import type { Answered, GatewayClient } from '../gateway.fixture.js';
import { OperatorCommand } from '../operator-command.fixture.js';
import { expectProblem } from '../problem.fixture.js';
import { systemUnderTest } from '../system.fixture.js';
import { type TestWorkspace, Workspaces } from '../workspaces.fixture.js';
import { INSTANT } from './seed-003.fixture.js';

const PATH = '/api/v1/workspaces';
const UNMEASURED = { limitPerMinute: 0 };
const TEST_MS_MAX = 60_000;

/** Seed 003's table: requests a minute, and what a full bucket lets through with the burst allowance. */
const PRINTED: readonly (readonly [Tier, number, number])[] = [
  ['free', 60, 60],
  ['starter', 1_000, 1_200],
  ['pro', 5_000, 6_500],
  ['agency', 20_000, 30_000],
  ['business', 20_000, 30_000],
  ['enterprise', 100_000, 200_000],
];

const system = systemUnderTest();
let workspaces: Workspaces;
let home: TestWorkspace;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  home = await workspaces.create();
});
afterAll(() => workspaces.close());

async function ofTier(tier: Tier): Promise<GatewayClient> {
  return home.client.withKey(await workspaces.createKey(home.id, ['*'], { ...UNMEASURED, tier }));
}

const limitOf = ({ headers }: Answered) => headers['x-ratelimit-limit'];
const remainingOf = ({ headers }: Answered) => Number(headers['x-ratelimit-remaining']);
const nowUnixSeconds = () => Date.now() / 1_000;

/** One call after the other until one is over the limit; that one. */
async function useUp(client: GatewayClient): Promise<Answered> {
  for (let answered = await client.get(PATH); ; answered = await client.get(PATH)) {
    if (answered.status !== 200) return answered;
  }
}

test.each(PRINTED)('%s: %i requests a minute, and %i at once', async (tier, perMinute, capacity) => {
  const client = await ofTier(tier);
  const { status, headers } = await client.get(PATH);
  expect([status, headers['x-ratelimit-limit'], headers['x-ratelimit-remaining']]).toEqual([
    200,
    String(perMinute),
    String(perMinute - 1),
  ]);
  const burst = capacity + Math.floor(perMinute / 6);
  expect(headers['ratelimit-policy']).toBe(`"sustained";q=${perMinute};w=60, "burst";q=${burst};w=10`);
  expect(headers['ratelimit']).toBe(`"sustained";r=${perMinute - 1};t=1, "burst";r=${capacity - 1};t=1`);
  const resetInSeconds = Number(headers['x-ratelimit-reset']) - nowUnixSeconds();
  expect(Math.abs(resetInSeconds)).toBeLessThanOrEqual(2);
});

test.each([
  ['200', 'GET', PATH, undefined],
  ['422', 'POST', PATH, {}],
  ['404', 'GET', `${PATH}/999999999`, undefined],
  ['403', 'POST', '/api/v1/api-keys', { name: 'x' }],
  ['400', 'POST', PATH, '{"name":'],
])('an answer %s carries the headers and costs one request', async (status, method, path, body) => {
  const scopes = ['workspaces:read', 'workspaces:write'];
  const key = await workspaces.createKey(home.id, scopes, { ...UNMEASURED, tier: 'free' });
  const answered = await home.client.withKey(key).write(method, path, body);
  expect([answered.status, limitOf(answered), remainingOf(answered)]).toEqual([Number(status), '60', 59]);
  expect(answered.headers['x-ratelimit-reset']).toMatch(/^\d{10}$/);
});

test.each([
  ['free', 60, 60],
  ['starter', 1_000, 1_200],
] as const)(
  '%s: of many calls at once the %i a minute with their burst go through, and what refilled meanwhile',
  async (tier, perMinute, capacity) => {
    const client = await ofTier(tier);
    const startedAt = performance.now();
    const answers = await Promise.all(Array.from({ length: capacity + 200 }, () => client.get(PATH)));
    const refilled = Math.ceil(((performance.now() - startedAt) * perMinute) / 60_000);
    const passed = answers.filter(({ status }) => status === 200).length;
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(answers.length - passed);
    expect(passed).toBeGreaterThanOrEqual(capacity);
    expect(passed).toBeLessThanOrEqual(capacity + refilled);
  },
  TEST_MS_MAX,
);

test('Rate Limited (429): the body as printed, and a refused call costs nothing', async () => {
  const client = await ofTier('free');
  const { status, headers, json } = await useUp(client);
  expect([status, json]).toEqual([
    429,
    {
      error: 'rate_limit_exceeded',
      message: 'Too many requests. Please retry after 1 seconds.',
      retry_after: 1,
      limit: 60,
      remaining: 0,
      reset_at: INSTANT,
      violated_policies: ['burst'],
    },
  ]);
  expect([headers['retry-after'], headers['x-ratelimit-remaining']]).toEqual(['1', '0']);
  expect(Date.parse(json.reset_at) / 1_000).toBe(Number(headers['x-ratelimit-reset']));
  expect(Number(headers['x-ratelimit-reset']) - nowUnixSeconds()).toBeGreaterThan(57);
  // Asked all the while: if a refusal cost anything, none would ever pass.
  await eventually(2_000, async () => expect((await client.get(PATH)).status).toBe(200));
});

test(
  'Rate Limited (429) on /v1 is a problem with the same members',
  async () => {
    const client = home.client.withKey(await workspaces.createKey(home.id, ['*'], UNMEASURED));
    const answers = await Promise.all(Array.from({ length: 1_100 }, () => client.get('/v1/killswitch')));
    const refused = answers.find(({ status }) => status === 429);
    if (!refused) throw new Error('none of 1,100 reads was refused');
    expectProblem(refused, 'rate_limit_exceeded');
    expect(refused.json).toMatchObject({ retry_after: 1, limit: 600, remaining: 0, reset_at: INSTANT });
    expect([refused.headers['retry-after'], limitOf(refused)]).toEqual(['1', '600']);
  },
  TEST_MS_MAX,
);

test('a workspace’s new tier counts on the next request, and what was used stays used', async () => {
  const moved = await workspaces.create('free');
  const client = moved.client.withKey(await workspaces.createKey(moved.id, ['*'], UNMEASURED));
  expectProblem(await useUp(client), 'rate_limit_exceeded');
  const magistry = new OperatorCommand(system);
  const setTier = async (tier: Tier) =>
    expect((await magistry.json('workspace', 'set-tier', moved.slug, tier)).exitCode).toBe(0);
  await setTier('starter');
  const raised = await client.get(PATH);
  expect([raised.status, limitOf(raised)]).toEqual([200, '1000']);
  expect(remainingOf(raised)).toBeLessThan(1_000 - 1);
  await setTier('free');
  expect(limitOf(await client.get(PATH))).toBe('60');
});

test('a rotated key stays in its bucket, with the old one and the new one', async () => {
  const wish = { name: 'Rotated', scopes: ['workspaces:read'], rate_limit_tier: 'free' };
  const made = await home.client.write('POST', '/api/v1/api-keys', wish);
  const old = home.client.withKey(made.json.data.key);
  expectProblem(await useUp(old), 'rate_limit_exceeded');
  const { json } = await home.client.write('POST', `/api/v1/api-keys/${made.json.data.id}/rotate`, {});
  for (const client of [home.client.withKey(json.data.key), old]) {
    const answered = await client.get(PATH);
    expect([limitOf(answered), remainingOf(answered)]).toEqual(['60', 0]);
  }
});
