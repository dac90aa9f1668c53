import { eventually } from './eventually.fixture.js';
import { sendTwice } from './failing-messages.fixture.js';
import type { GatewayClient } from './gateway.fixture.js';
import { LEVELS, ScriptedAgents } from './scripted-agents.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import type { TestWorkspace } from './workspaces.fixture.js';

const CREDITS = '/api/v1/entitlements/check?feature=message_credits';
const MET_MS_MAX = 20_000;
/** Five attempts, each looked for within a second. */
const GIVEN_UP_MS_MAX = 60_000;
const SECRET = 'could not write to "/var/lib/postgresql/agents.run": SELECT 1';

let agents: ScriptedAgents;
let home: TestWorkspace;
let client: GatewayClient;

beforeAll(async () => {
  agents = await ScriptedAgents.open(systemUnderTest());
});
beforeEach(async () => {
  home = await agents.workspace();
  const wanted = { name: 'Widget', agent: LEVELS[0] };
  const { json } = await home.client.write('POST', '/api/v1/integrations', wanted);
  client = home.client.withKey(json.data.key);
});
afterAll(() => agents.close());

/** While `work` goes on the database refuses such rows of the workspace; `met` waits until it has refused one. */
async function whileRefused(
  { table, when }: { table: string; when: string },
  work: (met: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const name = `refuse_of_${home.id}`;
  const { database } = agents;
  await database.query(`
    CREATE SEQUENCE agents.${name};
    CREATE FUNCTION agents.${name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
      BEGIN PERFORM nextval('agents.${name}'); RAISE '${SECRET}'; END $$;
    CREATE TRIGGER ${name} BEFORE INSERT ON agents.${table} FOR EACH ROW
      WHEN (NEW.workspace_id = ${home.id} AND ${when}) EXECUTE FUNCTION agents.${name}();`);
  const met = () =>
    eventually(MET_MS_MAX, async () => {
      const { rows } = await database.query(`SELECT is_called FROM agents.${name}`);
      if (!rows[0].is_called) throw new Error('nothing was refused');
    });
  try {
    await work(met);
  } finally {
    await database.query(`DROP FUNCTION agents.${name} CASCADE; DROP SEQUENCE agents.${name}`);
  }
}

const creditsUsed = async () => (await home.client.get(CREDITS)).json.current_usage;
const SCRIPT = { turns: [{ says: 'All is well.' }] };

test('a message that cannot be kept is 500, says nothing of why, and is answered once it can be', async () => {
  await whileRefused({ table: 'run', when: 'true' }, async () => {
    const content = JSON.stringify(SCRIPT);
    for (const stream of [false, true]) {
      const body = { content, stream };
      const { status, text } = await client.send('/api/v1/messages', { method: 'POST', body });
      const error = { code: 'server_error', message: 'Something went wrong on our side.' };
      expect([status, JSON.parse(text)]).toEqual([500, { error }]);
    }
    expect((await sendTwice(client, 'kept', SCRIPT)).whole.status).toBe(500);
  });
  const { whole, stream } = await sendTwice(client, 'kept', SCRIPT);
  expect([whole.status, whole.json.content]).toEqual([200, 'All is well.']);
  expect(stream.at(-2)?.data.event).toBe('message.completed');
  expect(await creditsUsed()).toBe(2);
});

const ANSWERED = { table: 'run_event', when: `NEW.event ->> 'kind' = 'model-answered'` };

test(
  'an answer that cannot be kept for a moment is given later, and told once',
  async () => {
    let sent: ReturnType<typeof sendTwice> | undefined;
    await whileRefused(ANSWERED, async (met) => {
      sent = sendTwice(client, 'later', SCRIPT);
      await met();
    });
    const { whole, stream } = (await sent) ?? {};
    expect([whole?.status, whole?.json.content]).toEqual([200, 'All is well.']);
    const told = stream?.map(({ data }) => data.delta ?? '').join('');
    expect([told, stream?.at(-2)?.data.event]).toEqual(['All is well.', 'message.completed']);
    expect(await creditsUsed()).toBe(2);
  },
  GIVEN_UP_MS_MAX,
);

test(
  'an answer that can never be kept ends as agent_error, which says nothing of why',
  async () => {
    await whileRefused(ANSWERED, async () => {
      const { whole, stream } = await sendTwice(client, 'never', SCRIPT);
      const error = { code: 'agent_error', message: 'Something went wrong on our side.' };
      expect([whole.status, whole.json]).toEqual([502, { error }]);
      expect(stream.at(-2)?.data).toMatchObject({ event: 'error', error });
      expect(stream.at(-1)?.data).toBe('[DONE]');
    });
    expect(await creditsUsed()).toBe(2);
  },
  GIVEN_UP_MS_MAX,
);
