import { agents } from '@magistry/contracts';
import type { RunnerOptions } from '../src/runner/runner.js';
import type { AgentTool } from '../src/tools/agent-tool.js';
import {
  eventsOf,
  type LogEntry,
  type RunningProcess,
  startProcess,
  WORKSPACE_ID,
} from './agents.fixture.js';
import { CrashGate, DYING, QUICK, untilStuck } from './crash-gate.fixture.js';

/** Books something at a place outside: once for a key, however often it is asked. */
class Bookings {
  readonly byKey = new Map<string, unknown>();
  asked = 0;

  readonly tool: AgentTool = {
    name: 'book_seat',
    description: 'Books a seat.',
    scope: null,
    inputSchema: { type: 'object', required: ['guest'], properties: { guest: { type: 'string' } } },
    execute: async ({ guest }, { idempotencyKey }) => {
      this.asked += 1;
      if (!this.byKey.has(idempotencyKey)) this.byKey.set(idempotencyKey, guest);
      return { seat: 'A1' };
    },
  };
}

const schema = (properties: object, required: string[]) => ({ type: 'object', required, properties });
const text = { type: 'string' };
const DEFINITIONS = [
  {
    ...{ slug: 'host', title: 'Host', description: 'Receives guests.', delegable_tools: ['book_seat'] },
    ...{ sub_agents: ['usher'], payload_schema: schema({ guest: text }, ['guest']) },
    output_schema: schema({ guest: text, seat: text }, ['guest', 'seat']),
  },
  {
    ...{ slug: 'usher', title: 'Usher', description: 'Finds seats.', tools: ['book_seat'] },
    payload_schema: schema({ guest: text }, ['guest']),
    output_schema: schema({ seat: text }, ['seat']),
  },
].map((definition) => agents.agentDefinition.parse(definition));

let gate: CrashGate;

beforeAll(async () => {
  gate = await CrashGate.start();
});
afterAll(() => gate.stop());

const start = (bookings: Bookings, runnerOptions: RunnerOptions) =>
  startProcess(gate.database.url, { shippedAgents: DEFINITIONS, tools: [bookings.tool], runnerOptions });

interface Told {
  readonly outcome: unknown;
  readonly status: string;
  readonly transcripts: unknown[];
  readonly costs: unknown;
  readonly bookings: unknown[];
}

/** Everything that a run leaves behind, but for ids and times. */
async function tell(running: RunningProcess, runId: string, bookings: Bookings): Promise<Told> {
  const { rows } = await gate.admin.query(
    `SELECT status, outcome, (SELECT json_agg(json_build_array(slug, call, spent_micros, prompt_tokens,
       completion_tokens) ORDER BY slug, call) FROM cost_entry c WHERE c.root_id = run.id) AS costs
     FROM run WHERE id = $1`,
    [runId],
  );
  const parent = await eventsOf(running, runId);
  const subRun = parent.find(({ event }) => event === 'delegation')?.data['run_id'];
  const child = await eventsOf(running, String(subRun));
  const { status, outcome, costs } = rows[0];
  const plain = (entries: LogEntry[]) =>
    entries.map(({ event, data }) =>
      JSON.parse(JSON.stringify({ event, data }).replaceAll(String(subRun), 'sag')),
    );
  const transcripts = [plain(parent), plain(child)];
  return { status, outcome, costs, transcripts, bookings: [...bookings.byKey.values()] };
}

/** A run that loses its process behind `killedBehind` entries, or never. */
async function perform(killedBehind: number): Promise<{ told: Told; entries: number }> {
  const before = await gate.entriesKept();
  const bookings = new Bookings();
  await gate.closeBehind(killedBehind);
  const first = await start(bookings, DYING);
  const runId = await gate.begin(first, 'host', { guest: 'Ada' });
  const end = gate.untilEnded(runId);
  if (Number.isFinite(killedBehind) && killedBehind < 1_000) {
    await Promise.race([end, untilStuck(first)]);
  }
  // Nothing that the first process still does is written: its leases run out.
  const second = await start(bookings, QUICK);
  await gate.open();
  await end;
  const told = await tell(second, runId, bookings);
  const entries = (await gate.entriesKept()) - before;
  await Promise.all([first.abandon(), second.stop()]);
  return { told, entries };
}

test('a run whose process dies behind any entry of its logs ends as an undisturbed one', async () => {
  const { told: undisturbed, entries } = await perform(1_000);
  expect(undisturbed).toMatchObject({
    status: 'success',
    outcome: { output: { guest: 'Ada', seat: 'A1' } },
    bookings: ['Ada'],
  });
  expect(entries).toBeGreaterThan(12);
  for (let behind = 1; behind < entries; behind += 1) {
    const { told } = await perform(behind);
    expect({ behind, told }).toEqual({ behind, told: undisturbed });
  }
}, 120_000);

test('the entries of every log are dense, and none stands behind its end', async () => {
  const { rows } = await gate.admin.query(`
    SELECT run_id FROM run_event GROUP BY run_id, workspace_id
    HAVING count(*) <> max(sequence) OR count(event_id) <> max(event_id)
      OR max(sequence) FILTER (WHERE event ->> 'kind' IN ('finished', 'failed', 'cancelled')) <> max(sequence)`);
  expect(rows).toEqual([]);
});

test('an ended run is changed by nobody, and gets no entry more', async () => {
  const { rows } = await gate.admin.query(`SELECT id, sequence FROM run WHERE status = 'success' LIMIT 1`);
  const { id, sequence } = rows[0];
  const change = gate.admin.query(`UPDATE run SET status = 'cancelled' WHERE id = $1`, [id]);
  await expect(change).rejects.toThrow(/has ended as success/);
  const entry = gate.admin.query(
    `INSERT INTO run_event (workspace_id, run_id, sequence, event, recorded_at) VALUES ($1, $2, $3, '{}', now())`,
    [WORKSPACE_ID, id, sequence + 1],
  );
  await expect(entry).rejects.toThrow(/was not counted/);
});
