import { agents } from '@magistry/contracts';
import { type AgentTool, OutcomeUnknown } from '../src/tools/agent-tool.js';
import { type RunningAgents, startAgents } from './agents.fixture.js';

/** Of anything else a run ends behind five. */
const UNKNOWN_TIMES = 6;

const clerk = agents.agentDefinition.parse({
  ...{ slug: 'clerk', title: 'Clerk', description: 'Decides.', tools: ['decide'] },
  output_schema: { type: 'object', required: ['decided'], properties: { decided: { type: 'boolean' } } },
});
const keys: string[] = [];
const decide: AgentTool = {
  ...{ name: 'decide', description: 'Decides at last.', scope: null },
  inputSchema: { type: 'object', required: ['price'], properties: { price: { type: 'number' } } },
  execute: async (_, { idempotencyKey }) => {
    keys.push(idempotencyKey);
    if (keys.length <= UNKNOWN_TIMES) throw new OutcomeUnknown('the planner is away');
    return { decided: true };
  },
};

let running: RunningAgents;
const faults: unknown[] = [];

beforeAll(async () => {
  running = await startAgents({
    ...{ shippedAgents: [clerk], tools: [decide] },
    runnerOptions: { leaseMs: 600, lookEveryMs: 50, runsMax: 16 },
    onFault: (_, error) => faults.push(error),
  });
});
afterAll(() => running.stop());

test('a tool of which nobody knows what it did is asked under its key until somebody knows', async () => {
  const asked = { params: { slug: 'clerk' }, body: { payload: { price: 7 } } };
  const { json } = await running.send(agents.runAgent, asked);
  expect(json).toMatchObject({ output: { decided: true } });
  expect([keys.length, new Set(keys).size]).toEqual([UNKNOWN_TIMES + 1, 1]);
  expect(faults.every((fault) => fault instanceof OutcomeUnknown)).toBe(true);
});
