import pg from 'pg';
import { systemUnderTest } from '../system.fixture.js';
import { type TestWorkspace, Workspaces } from '../workspaces.fixture.js';
import { expectError, integrate, post } from './seed-002.fixture.js';

const SPENT: [number, string, string] = [
  ...([403, 'usage_limit_exceeded'] as const),
  'The daily limit of message credits is used up.',
];
const DAY_MS = 24 * 60 * 60 * 1_000;

const system = systemUnderTest();
let workspaces: Workspaces;
let home: TestWorkspace;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
});
beforeEach(async () => {
  home = await workspaces.create('free');
});
afterAll(() => workspaces.close());

const credits = async (of = home) =>
  (await of.client.get('/api/v1/entitlements/check?feature=message_credits')).json;
const use = (quantity: number) =>
  home.client.write('POST', '/api/v1/entitlements/usage', { feature: 'message_credits', quantity });

async function senders() {
  const [one, two] = [await integrate(home), await integrate(home, 'document-agent')];
  return { one: one.client, two: two.client, owner: home.client };
}

test('every message consumes a credit of one pool, whichever integration or key sends it', async () => {
  const { one, two, owner } = await senders();
  const sent = [one, two, owner, one].entries();
  for (const [index, client] of sent) {
    expect((await post(client, { content: 'Hello', stream: index % 2 === 1 })).status).toBe(200);
    expect((await credits()).current_usage).toBe(index + 1);
  }
});

test('Daily credit limit reached: what one has used up is refused to all, whole or as a stream', async () => {
  const { one, two, owner } = await senders();
  const { limit } = await credits();
  await use(limit - 1);
  expect((await post(one, { content: 'Hello' })).status).toBe(200);
  for (const client of [one, two, owner])
    for (const stream of [false, true]) expectError(await post(client, { content: 'Hello', stream }), SPENT);
  expect((await credits()).current_usage).toBe(limit);
});

test('the pool is of the plan of the workspace, and of no other workspace', async () => {
  const rich = await workspaces.create('starter');
  const { one } = await senders();
  const [{ limit }, other] = [await credits(), await credits(rich)];
  expect([limit, other.limit]).toEqual([100, 1_000]);
  await use(limit);
  expectError(await post(one, { content: 'Hello' }), SPENT);
  expect((await post((await integrate(rich)).client, { content: 'Hello' })).status).toBe(200);
  expect((await credits(rich)).current_usage).toBe(1);
});

test('the limit is of a day: the next one begins with all credits', async () => {
  const { one } = await senders();
  const { limit } = await credits();
  const tomorrow = new Date(Date.now() + DAY_MS).toISOString().slice(0, 10);
  const { json } = await home.client.get('/api/v1/entitlements/summary');
  expect(json.data.entitlements.message_credits.reset_at).toBe(`${tomorrow}T00:00:00Z`);
  await use(limit);
  expectError(await post(one, { content: 'Hello' }), SPENT);
  const owner = new pg.Client({ connectionString: system.databaseUrl });
  await owner.connect();
  // Today's use becomes that of the day before, as it is behind midnight.
  const [today, yesterday] = [0, DAY_MS].map((agoMs) =>
    new Date(Date.now() - agoMs).toISOString().slice(0, 10),
  );
  const { rowCount } = await owner.query(
    `UPDATE identity.feature_usage SET period = $3
      WHERE workspace_id = $1 AND feature = 'message_credits' AND period = $2`,
    [home.id, today, yesterday],
  );
  await owner.end();
  expect(rowCount).toBe(1);
  expect((await post(one, { content: 'Hello' })).status).toBe(200);
  expect((await credits()).current_usage).toBe(1);
});

test('what is refused costs nothing', async () => {
  const { one } = await senders();
  for (const body of [{}, { content: '' }, { content: 'Hello', verbosity: 'verbose' }, '{"content":'])
    expect((await post(one, body)).status).toBe(400);
  expect((await post(one.withKey(undefined), { content: 'Hello' })).status).toBe(401);
  expect((await credits()).current_usage).toBe(0);
});
