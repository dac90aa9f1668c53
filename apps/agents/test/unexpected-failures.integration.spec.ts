import { agents } from '@magistry/contracts';
import { createTestDatabase, type TestDatabase } from '@magistry/testing';
import pg from 'pg';
import { Clock } from '../src/domain/clock.js';
import { AbandonedCalls } from '../src/runner/abandoned-calls.js';
import { CostLedger } from '../src/storage/cost-ledger.js';
import { Database } from '../src/storage/database.js';
import { eventsOf, type RunningProcess, startProcess } from './agents.fixture.js';
import { ChatModel } from './chat-model.fixture.js';
import { until } from './until.fixture.js';

const FAILURES_MAX = 5;
const TAKEOVERS = 7;
const LEASE_MS = 600;
const WRONG = 'Something went wrong on our side.';

const clerk = agents.agentDefinition.parse({ slug: 'clerk', title: 'Clerk', description: 'Answers.' });
const RUN = { params: { slug: 'clerk' }, body: { payload: { greeting: 'hello' } } };

let place: TestDatabase;
let owner: pg.Client;
let model: ChatModel;
let running: RunningProcess;

beforeAll(async () => {
  place = await createTestDatabase('agents');
  owner = new pg.Client({ connectionString: place.adminUrl, options: '-c search_path=agents' });
  await owner.connect();
  // Counted outside of transactions: what the database refuses is refused so many times, whoever asks.
  await owner.query(`
    CREATE SEQUENCE refused MINVALUE 0 START 0;
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = agents AS $$
    BEGIN
      IF nextval('refused') < TG_ARGV[0]::int THEN RAISE 'no room in /srv/runs'; END IF;
      RETURN NEW;
    END $$;`);
  model = await ChatModel.start(() => 'Hello.');
  running = await startProcess(place.url, {
    shippedAgents: [clerk],
    model: { name: 'double', baseUrl: model.baseUrl },
    runnerOptions: { leaseMs: LEASE_MS, lookEveryMs: 50, runsMax: 16 },
  });
});
beforeEach(() => model.answerBy(() => 'Hello.'));
afterEach(() => owner.query('DROP TRIGGER IF EXISTS refuse ON run_event; ALTER SEQUENCE refused RESTART'));
afterAll(async () => {
  await running.abandon();
  model.stop();
  await owner.end();
  await place.drop();
});

/** From now on entries of the kind are refused so many times, as no rule of ours would. */
async function refuse(kind: string, times: number): Promise<void> {
  await owner.query(`CREATE TRIGGER refuse BEFORE INSERT ON run_event FOR EACH ROW
    WHEN (NEW.event ->> 'kind' = '${kind}') EXECUTE FUNCTION refuse(${times})`);
}

async function newest() {
  const { rows } = await owner.query(
    'SELECT id, status, outcome, epoch FROM run ORDER BY created_at DESC LIMIT 1',
  );
  return rows[0];
}

/** Processes that took the run up and were killed, one after the other. */
async function killAsOften(times: number): Promise<void> {
  await owner.query(`UPDATE run SET epoch = epoch + $1, leased_until = now() WHERE status = 'running'`, [
    times,
  ]);
}

test('a run that fails unexpectedly in five hands ends as internal_error, and its client is told so', async () => {
  await refuse('model-answered', 1_000);
  const asked = running.send(agents.runAgent, RUN);
  await expect(asked).rejects.toMatchObject({
    code: 'server_error',
    message: expect.stringContaining(WRONG),
  });
  const { id, status, outcome } = await newest();
  expect([status, outcome]).toEqual(['failed', { error: { code: 'internal_error', message: WRONG } }]);
  expect(model.asked).toHaveLength(FAILURES_MAX);
  const log = await eventsOf(running, id);
  expect(log.map(({ event }) => event)).toEqual(['start', 'error']);
  expect(log.at(-1)?.data).toEqual({ code: 'internal_error', message: WRONG });
  expect(running.faults).toHaveLength(FAILURES_MAX);
});

test('what its model call had reserved is charged, for nobody knows what was heard', async () => {
  await refuse('model-answered', 1_000);
  await running.send(agents.runAgent, RUN).catch(() => undefined);
  const { id } = await newest();
  const entries = async () => {
    const text = 'SELECT reserved_micros, spent_micros FROM cost_entry WHERE run_id = $1';
    return (await owner.query(text, [id])).rows;
  };
  const [{ reserved_micros }] = await entries();
  const database = new Database(place.url, () => undefined);
  const later = new Clock(() => Date.now() + 3 * LEASE_MS);
  await new AbandonedCalls(new CostLedger(database), later, LEASE_MS).settle();
  await database.close();
  expect(await entries()).toEqual([{ reserved_micros, spent_micros: reserved_micros }]);
});

test('a message that fails so is agent_error, and the next one of its session is answered', async () => {
  await refuse('model-answered', FAILURES_MAX);
  const say = (content: string) =>
    running.send(agents.sendMessage, { body: { content, agent: 'clerk', session_id: 'till-1' } });
  await expect(say('Hello?')).rejects.toMatchObject({ code: 'agent_error', message: WRONG });
  expect((await say('And now?')).json).toMatchObject({ content: 'Hello.' });
});

test('a run whose log cannot be read ends, too', async () => {
  model.answerBy(() => new Promise(() => undefined));
  const asked = running.send(agents.runAgent, RUN);
  void asked.catch(() => undefined);
  await until('the call of the model', () => model.asked.length === 1);
  await owner.query(`
    WITH counted AS (
      UPDATE run SET sequence = sequence + 1, epoch = epoch + 1, leased_until = now() WHERE status = 'running'
      RETURNING workspace_id, id, sequence
    ) INSERT INTO run_event SELECT workspace_id, id, sequence, NULL, '{"kind":"model-answered"}', now() FROM counted`);
  await expect(asked).rejects.toMatchObject({ code: 'server_error' });
  expect(await newest()).toMatchObject({ status: 'failed' });
});

test('a run whose processes were killed seven times survives a fault of the moment', async () => {
  let answer = (_: string) => {};
  model.answerBy(() => new Promise((resolve) => (answer = resolve)));
  const asked = running.send(agents.runAgent, RUN);
  await until('the first call', () => model.asked.length === 1);
  await killAsOften(TAKEOVERS);
  await until('the call of the eighth', () => model.asked.length === 2);
  await refuse('model-answered', 1);
  model.answerBy(() => 'Hello.');
  answer('Hello.');
  expect((await asked).json).toMatchObject({ output: { text: 'Hello.' } });
  expect((await newest()).epoch).toBeGreaterThan(TAKEOVERS);
});
