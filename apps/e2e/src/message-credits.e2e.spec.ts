import pg from 'pg';
import type { Answered, GatewayClient } from './gateway.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

const PATH = '/api/v1/messages';
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

async function integrate(wish = {}): Promise<GatewayClient> {
  const wanted = { name: 'Widget', agent: 'catalog-assistant', ...wish };
  const { json } = await home.client.write('POST', '/api/v1/integrations', wanted);
  return home.client.withKey(json.data.key);
}

const say = (client: GatewayClient, more = {}, headers = {}) =>
  client.send(PATH, { method: 'POST', headers, body: { content: 'Hello', ...more } });
const statuses = (answers: Answered[]) => answers.map(({ status }) => status).sort();

async function creditsUsed(): Promise<number> {
  const { json } = await home.client.get('/api/v1/entitlements/check?feature=message_credits');
  return json.current_usage;
}

test("what an integration's own limit refuses costs its workspace nothing", async () => {
  const widget = await integrate({ daily_credit_limit: 1 });
  const answers = await Promise.all([1, 2, 3].map(() => say(widget)));
  expect([statuses(answers), await creditsUsed()]).toEqual([[200, 403, 403], 1]);
});

test('what is rejected because the session is busy costs nothing', async () => {
  const widget = await integrate();
  const wish = { session_id: 'one', on_busy: 'reject' };
  const answers = await Promise.all(Array.from({ length: 8 }, () => say(widget, wish)));
  const answered = answers.filter(({ status }) => status === 200).length;
  expect(statuses(answers).filter((status) => status !== 200 && status !== 409)).toEqual([]);
  expect(answered).toBeGreaterThan(0);
  expect(await creditsUsed()).toBe(answered);
});

test('a message that could not be kept costs nothing, whether or not it has a key', async () => {
  const widget = await integrate();
  const owner = new pg.Client({ connectionString: system.databaseUrl });
  await owner.connect();
  const trigger = `refuse_runs_of_${home.id}`;
  try {
    await owner.query(`
      CREATE FUNCTION agents.${trigger}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE 'the disk is full'; END $$;
      CREATE TRIGGER ${trigger} BEFORE INSERT ON agents.run FOR EACH ROW
        WHEN (NEW.workspace_id = ${home.id}) EXECUTE FUNCTION agents.${trigger}();`);
    expect(statuses([await say(widget), await say(widget, {}, { 'idempotency-key': 'kept' })])).toEqual([
      500, 500,
    ]);
  } finally {
    await owner.query(`DROP FUNCTION agents.${trigger} CASCADE`);
    await owner.end();
  }
  expect(await creditsUsed()).toBe(0);
  const headers = { 'idempotency-key': 'kept' };
  expect(statuses([await say(widget, {}, headers), await say(widget, {}, headers)])).toEqual([200, 200]);
  expect(await creditsUsed()).toBe(1);
});

test('a message without credits never began, and its retry is answered once there are some', async () => {
  const widget = await integrate({ daily_credit_limit: 1 });
  const use = (quantity: number) =>
    home.client.write('POST', '/api/v1/entitlements/usage', { feature: 'message_credits', quantity });
  await use(100);
  const headers = { 'idempotency-key': 'patient' };
  const refused = await say(widget, {}, headers);
  expect([refused.status, refused.json.error]).toEqual([
    403,
    { code: 'usage_limit_exceeded', message: 'The daily limit of message credits is used up.' },
  ]);
  expect((await widget.get(PATH)).json.data).toEqual([]);
  const owner = new pg.Client({ connectionString: system.databaseUrl });
  await owner.connect();
  await owner.query('UPDATE identity.feature_usage SET used = 0 WHERE workspace_id = $1', [home.id]);
  await owner.end();
  expect((await say(widget, {}, headers)).status).toBe(200);
  expect(await creditsUsed()).toBe(1);
});
