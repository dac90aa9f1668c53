import { once } from 'node:events';
import { agents } from '@magistry/contracts';
import type { RunnerOptions } from '../src/runner/runner.js';
import type { AgentTool } from '../src/tools/agent-tool.js';
import { startProcess } from './agents.fixture.js';
import { CrashGate, DYING, QUICK, until } from './crash-gate.fixture.js';

const text = { type: 'string' };
const guest = { type: 'object', required: ['guest'], properties: { guest: text } };
const DEFINITIONS = [
  { slug: 'host', title: 'Host', description: 'Receives guests.', delegable_tools: ['book_seat'] },
  { slug: 'usher', title: 'Usher', description: 'Finds seats.', tools: ['book_seat'] },
].map((definition, level) =>
  agents.agentDefinition.parse({
    ...{ ...definition, payload_schema: guest, sub_agents: level === 0 ? ['usher'] : [] },
    output_schema: { type: 'object', required: ['seat'], properties: { seat: text } },
  }),
);

const booking = (execute: AgentTool['execute']): AgentTool => ({
  ...{ name: 'book_seat', description: 'Books a seat.', scope: null, inputSchema: guest, execute },
});

let gate: CrashGate;

beforeAll(async () => {
  gate = await CrashGate.start();
});
afterAll(() => gate.stop());

const start = (execute: AgentTool['execute'], runnerOptions: RunnerOptions) =>
  startProcess(gate.database.url, { shippedAgents: DEFINITIONS, tools: [booking(execute)], runnerOptions });

const countOf = async (sql: string) =>
  (await gate.admin.query(`SELECT count(*)::int4 AS count FROM ${sql}`)).rows[0].count;

test('a process whose room is taken by runs that wait goes on with the sub-runs that they wait for', async () => {
  const first = await start((_, { signal }) => once(signal, 'abort'), DYING);
  const ids = [
    await gate.begin(first, 'host', { guest: 'Ada' }),
    await gate.begin(first, 'host', { guest: 'Bo' }),
  ];
  await until(async () => (await countOf(`run_event WHERE event ->> 'tool' = 'book_seat'`)) === ids.length);
  await first.abandon();
  const second = await start(async () => ({ seat: 'A1' }), { ...QUICK, runsMax: 1 });
  for (const id of ids) await gate.untilEnded(id);
  expect(await countOf(`run WHERE status = 'success'`)).toBe(2 * ids.length);
  await second.stop();
});
