import { identity } from '@magistry/contracts';
import { type ApiCaller, aCaller, freshKey } from './caller.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

let running: RunningIdentity;
let caller: ApiCaller;

beforeAll(async () => {
  running = await startIdentity();
});
beforeEach(async () => {
  running.clock.now = () => Date.parse('2026-01-15T10:30:00Z');
  caller = await aCaller(running, 'free');
});
afterAll(() => running.stop());

const use = (body: unknown, key?: string) =>
  caller.ask(identity.recordUsage, { body, ...(key !== undefined && { key }) });
const check = async (query: string) => (await caller.ask(identity.checkEntitlement, { query })).json;
const summary = async () => (await caller.ask(identity.getUsageSummary)).json.data;
const codeOf = (work: Promise<unknown>) => work.then(() => 'done').catch((error) => error.code as string);

test('usage adds up, up to the limit and not beyond it', async () => {
  expect((await use({ feature: 'posts', quantity: 9 })).json).toEqual({
    recorded: true,
    feature: 'posts',
    current_usage: 9,
    limit: 10,
  });
  await expect(use({ feature: 'posts', quantity: 2 })).rejects.toMatchObject({
    code: 'feature_limit_reached',
    extras: { feature: 'posts', upgrade_url: 'https://example.com/upgrade' },
  });
  expect((await use({ feature: 'posts' })).json.current_usage).toBe(10);
  expect(await check('feature=posts')).toMatchObject({ allowed: false, available: 0 });
  expect(await codeOf(use({ feature: 'posts', quantity: 11 }))).toBe('feature_limit_reached');
});

test('a first use above the limit records nothing', async () => {
  expect(await codeOf(use({ feature: 'posts', quantity: 11 }))).toBe('feature_limit_reached');
  expect((await summary()).entitlements.posts.used).toBe(0);
});

test('of 40 uses at once exactly as many as fit are recorded', async () => {
  const outcomes = await Promise.all(Array.from({ length: 40 }, () => codeOf(use({ feature: 'posts' }))));
  expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(10);
  expect(outcomes.filter((outcome) => outcome === 'feature_limit_reached')).toHaveLength(30);
  expect((await summary()).entitlements.posts.used).toBe(10);
});

test('a retried use counts once', async () => {
  const key = freshKey();
  const body = { feature: 'api_calls', quantity: 5, metadata: { endpoint: '/api/v1/posts' } };
  const told = await Promise.all(Array.from({ length: 8 }, () => use(body, key)));
  expect(new Set(told.map(({ text }) => text)).size).toBe(1);
  expect((await summary()).entitlements.api_calls.used).toBe(5);
  const { rows } = await running.asOwner(
    'SELECT quantity, metadata FROM usage_note WHERE workspace_id = $1',
    [caller.workspace.id],
  );
  expect(rows).toEqual([{ quantity: '5', metadata: body.metadata }]);
});

test('a month and a day begin anew, in UTC; what stays does not', async () => {
  running.clock.now = () => Date.parse('2026-01-31T23:59:59Z');
  for (const feature of ['posts', 'api_calls', 'message_credits']) await use({ feature, quantity: 7 });
  expect(await check('feature=message_credits&quantity=94')).toMatchObject({ allowed: false });
  running.clock.now = () => Date.parse('2026-02-01T00:00:00Z');
  const { entitlements } = await summary();
  expect(entitlements).toMatchObject({
    posts: { used: 7 },
    api_calls: { used: 0, reset_at: '2026-03-01T00:00:00Z' },
    message_credits: { used: 0, reset_at: '2026-02-02T00:00:00Z' },
    storage: { used: 0, limit: 107374182, unit: 'bytes' },
  });
});

test('without a limit everything fits', async () => {
  caller = await aCaller(running, 'enterprise');
  expect((await use({ feature: 'posts', quantity: 1_000_000 })).json.limit).toBeNull();
  expect(await check('feature=posts&quantity=1000000000')).toEqual({
    allowed: true,
    feature: 'posts',
    current_usage: 1_000_000,
    limit: null,
    available: null,
  });
});

test('another tier counts at once', async () => {
  await use({ feature: 'posts', quantity: 10 });
  caller = caller.as({ workspace: { ...caller.workspace, tier: 'starter' } });
  expect(await check('feature=posts')).toMatchObject({ allowed: true, limit: 100, available: 90 });
});

test('two workspaces never share a count', async () => {
  await use({ feature: 'posts', quantity: 10 });
  caller = await aCaller(running, 'free');
  expect((await summary()).entitlements.posts.used).toBe(0);
});

test.each(['likes', '__proto__', 'POSTS'])('the feature %s is not found', async (feature) => {
  expect(await codeOf(use({ feature }))).toBe('not_found');
  expect(await codeOf(caller.ask(identity.checkEntitlement, { query: `feature=${feature}` }))).toBe(
    'not_found',
  );
});

test.each([
  { quantity: 1 },
  { feature: 'posts', quantity: 0 },
  { feature: 'posts', quantity: -5 },
  { feature: 'posts', quantity: 1.5 },
  { feature: 'posts', quantity: '1' },
  { feature: 'posts', quantity: 1e16 },
  { feature: 'posts', metadata: 'text' },
  { feature: 'posts', metadata: { note: 'a\u0000' } },
])('%j is refused', async (body) => {
  expect(await codeOf(use(body))).toBe('validation_failed');
});
