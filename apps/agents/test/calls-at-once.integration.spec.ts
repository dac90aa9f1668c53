import { agents } from '@magistry/contracts';
import type { AgentTool } from '../src/tools/agent-tool.js';
import { eventsOf, type LogEntry, type RunningProcess, startProcess } from './agents.fixture.js';
import { CrashGate, DYING, QUICK, until, untilStuck } from './crash-gate.fixture.js';

const WIDTH = 8;
const schema = (required: string[]) => ({
  ...{ type: 'object', required },
  properties: Object.fromEntries(required.map((name) => [name, { type: 'string' }])),
});
const agent = (slug: string, more: object) =>
  agents.agentDefinition.parse({
    ...{ slug, title: slug, description: slug, payload_schema: schema(['guest']) },
    output_schema: schema(['guest']),
    ...more,
  });
const guests = Array.from({ length: WIDTH + 2 }, (_, index) => `guest-${index}`);
const DEFINITIONS = [
  agent('caterer', { tools: ['cook', 'pour', 'serve'], sub_agents: ['guest-0'] }),
  agent('crowd', { sub_agents: guests }),
  ...guests.map((slug) => agent(slug, {})),
];

/** Tools that take their time: the first asked is the last to be done. One of them cannot. */
class Kitchen {
  readonly keys = new Set<string>();
  /** How often each tool was asked. */
  readonly asked = new Map<string, number>();
  readonly stopped: string[] = [];
  running = 0;
  most = 0;

  constructor(private readonly lastsMs: number) {}

  get tools(): AgentTool[] {
    return [this.tool('cook', 3), this.tool('pour', 2), this.tool('serve', 1)];
  }

  private tool(name: string, parts: number): AgentTool {
    return {
      ...{ name, description: name, scope: null, inputSchema: schema(['guest']) },
      execute: async (_, { idempotencyKey, signal }) => {
        this.asked.set(name, (this.asked.get(name) ?? 0) + 1);
        this.running += 1;
        this.most = Math.max(this.most, this.running);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, this.lastsMs * parts);
          signal.addEventListener('abort', () => {
            clearTimeout(timer);
            this.stopped.push(name);
            resolve();
          });
        });
        this.running -= 1;
        this.keys.add(idempotencyKey.split(':')[1] ?? '');
        if (name === 'pour') throw new Error('the bottle is empty');
        return { [name]: 'done' };
      },
    };
  }
}

let gate: CrashGate;

beforeAll(async () => {
  gate = await CrashGate.start();
});
afterAll(() => gate.stop());

const start = (kitchen: Kitchen, runnerOptions = QUICK) =>
  startProcess(gate.database.url, { shippedAgents: DEFINITIONS, tools: kitchen.tools, runnerOptions });

const begin = (running: RunningProcess, slug: string) => gate.begin(running, slug, { guest: 'Ada' });

/** What happened, in the order of the log, but for ids. */
const plain = (entries: LogEntry[]) =>
  entries.map(({ event, data }) => {
    const { run_id, ...rest } = data;
    return { event, data: rest };
  });

test('what one answer asks for is done at once, told in its order, and one that fails loses no other', async () => {
  const kitchen = new Kitchen(100);
  const running = await start(kitchen);
  const id = await begin(running, 'caterer');
  await gate.untilEnded(id);
  const entries = await eventsOf(running, id);
  await running.stop();
  expect(kitchen.most).toBe(3);
  expect(entries.map(({ event, data }) => `${event} ${data['tool'] ?? data['sag'] ?? ''}`.trim())).toEqual([
    ...['start', 'model_call', 'tool_call cook', 'tool_call pour', 'tool_call serve', 'delegation guest-0'],
    ...['tool_result cook', 'tool_result pour', 'tool_result serve', 'delegation_result guest-0'],
    ...['model_call', 'finish'],
  ]);
  expect(entries.filter(({ data }) => 'error' in data).map(({ data }) => data['tool'])).toEqual(['pour']);
});

test('cancelling reaches each of the calls', async () => {
  const kitchen = new Kitchen(5_000);
  const running = await start(kitchen);
  const id = await begin(running, 'caterer');
  await until(async () => kitchen.running === 3);
  await running.send(agents.cancelRun, { params: { run_id: id } });
  await until(async () => kitchen.running === 0);
  expect(kitchen.stopped.toSorted()).toEqual(['cook', 'pour', 'serve']);
  await running.stop();
});

test('of more delegations at once than the width allows exactly as many are begun', async () => {
  const running = await start(new Kitchen(1));
  const id = await begin(running, 'crowd');
  await gate.untilEnded(id);
  const entries = await eventsOf(running, id);
  await running.stop();
  const count = (name: string) => entries.filter(({ event }) => event === name).length;
  expect([count('delegation'), count('delegation_result'), count('tool_result')]).toEqual([WIDTH, WIDTH, 2]);
});

test('a call that was quicker than one before it is not executed again after a crash', async () => {
  const kitchen = new Kitchen(300);
  const first = await start(kitchen, DYING);
  const id = await begin(first, 'caterer');
  await until(async () => kitchen.keys.has('call_1_3'));
  await until(async () => {
    const { rows } = await gate.admin.query(
      `SELECT FROM run_event WHERE run_id = $1 AND event ->> 'kind' = $2`,
      [id, 'tool-finished'],
    );
    return rows.length > 0;
  });
  await gate.closeBehind(0);
  await until(async () => kitchen.asked.get('cook') === 1 && kitchen.running === 0);
  await untilStuck(first);
  await first.abandon();
  const second = await start(kitchen);
  await gate.open();
  await gate.untilEnded(id);
  const entries = await eventsOf(second, id);
  await second.stop();
  expect(Object.fromEntries(kitchen.asked)).toEqual({ cook: 2, pour: 2, serve: 1 });
  const served = entries.find(({ event, data }) => event === 'tool_result' && data['tool'] === 'serve');
  expect(served?.data['output']).toEqual({ serve: 'done' });
});

async function perform(killedBehind: number) {
  const kitchen = new Kitchen(10);
  const before = await gate.entriesKept();
  await gate.closeBehind(killedBehind);
  const first = await start(kitchen, DYING);
  const id = await begin(first, 'caterer');
  const end = gate.untilEnded(id);
  await Promise.race([end, untilStuck(first)]);
  await first.abandon();
  const second = await start(kitchen);
  await gate.open();
  await end;
  const transcript = plain(await eventsOf(second, id));
  await second.stop();
  const entries = (await gate.entriesKept()) - before;
  return { told: { transcript, keys: [...kitchen.keys].toSorted() }, entries };
}

test('calls at once whose process dies behind an entry do and tell what undisturbed ones do', async () => {
  const { told: undisturbed, entries } = await perform(1_000);
  expect(undisturbed.keys).toEqual(['call_1_1', 'call_1_2', 'call_1_3']);
  for (let behind = 4; behind < entries; behind += 4) {
    const { told } = await perform(behind);
    expect({ behind, told }).toEqual({ behind, told: undisturbed });
  }
}, 60_000);
