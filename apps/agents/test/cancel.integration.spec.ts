import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { agents } from '@magistry/contracts';
import { type RunningAgents, startAgents } from './agents.fixture.js';
import { until } from './until.fixture.js';

/** A model that asks its first sub-agent where it has one, and otherwise begins to speak and never ends. */
class EndlessModel {
  readonly open = new Set<ServerResponse>();
  /** When the last connection was closed, by `performance.now()`. */
  closedAt = 0;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<EndlessModel> {
    const server = createServer();
    const model = new EndlessModel(server);
    server.on('request', async (request, response: ServerResponse) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      model.answer(JSON.parse(body), response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return model;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  untilSpeaking(): Promise<void> {
    return until('a call of the model', () => this.open.size > 0);
  }

  untilClosed(): Promise<void> {
    return until('the end of every call of the model', () => this.open.size === 0);
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private answer(
    { tools = [] }: { tools?: { function: { name: string } }[] },
    response: ServerResponse,
  ): void {
    const chunk = (delta: object, finish_reason: string | null = null) =>
      response.write(
        `data: ${JSON.stringify({ id: '1', choices: [{ index: 0, delta, finish_reason }] })}\n\n`,
      );
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const name = tools[0]?.function.name;
    if (name !== undefined) {
      chunk({ tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name, arguments: '{}' } }] });
      chunk({}, 'tool_calls');
      response.end('data: [DONE]\n\n');
      return;
    }
    this.open.add(response);
    response.on('close', () => {
      this.open.delete(response);
      this.closedAt = performance.now();
    });
    chunk({ content: 'Once upon a time' });
  }
}

const TREE = [
  { slug: 'top', title: 'Top', description: 'Asks below.', sub_agents: ['below'] },
  { slug: 'below', title: 'Below', description: 'Speaks without end.' },
].map((definition) => agents.agentDefinition.parse(definition));
const CLOSED_MS_MAX = 250;

let model: EndlessModel;
let running: RunningAgents;

beforeAll(async () => {
  model = await EndlessModel.start();
  running = await startAgents({ shippedAgents: TREE, model: { baseUrl: model.baseUrl, name: 'endless' } });
});
afterAll(async () => {
  model.stop();
  await running.stop();
});

const statusOf = async (run_id: string) => {
  const { json } = await running.send(agents.getRun, { params: { run_id } });
  return (json as { summary: { status: string } }).summary.status;
};

/** A run whose sub-run hangs at its model. */
async function hangingRun(): Promise<{ id: string; below: string; answer: Promise<unknown> }> {
  const request = { params: { slug: 'top' }, body: { payload: {} } };
  const answer = running.send(agents.runAgent, request).then(
    () => undefined,
    (error) => error,
  );
  await model.untilSpeaking();
  const { json } = await running.send(agents.listRuns, {});
  const id = (json as { data: { run_id: string }[] }).data[0]?.run_id ?? '';
  const entries = await running.events(id);
  const below = String(entries.find(({ event }) => event === 'delegation')?.data['run_id']);
  return { id, below, answer };
}

test('cancelling closes the connection to the model across the tree, and ends every run of it', async () => {
  const durations: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    const { id, below, answer } = await hangingRun();
    const startedAt = performance.now();
    const { json } = await running.send(agents.cancelRun, { params: { run_id: id } });
    await model.untilClosed();
    durations.push(model.closedAt - startedAt);
    expect(json).toEqual({ run_id: id, status: 'cancelled' });
    expect([await statusOf(id), await statusOf(below)]).toEqual(['cancelled', 'cancelled']);
    expect((await running.events(below)).at(-1)?.data['code']).toBe('cancelled');
    expect(await answer).toMatchObject({ code: 'execution_failed' });
  }
  durations.sort((one, other) => one - other);
  // The median: a stall of this machine is no property of cancelling.
  expect(durations[5]).toBeLessThan(CLOSED_MS_MAX);
});

test('a cancelled sub-run alone is told to its parent, which goes on', async () => {
  const { id, below } = await hangingRun();
  await running.send(agents.cancelRun, { params: { run_id: below } });
  let entries = await running.events(id);
  await until('a second delegation', async () => {
    entries = await running.events(id);
    return entries.filter(({ event }) => event === 'delegation').length > 1;
  });
  expect(entries.find(({ event }) => event === 'delegation_result')?.data).toEqual({
    sag: 'below',
    run_id: below,
    error: 'The run was cancelled.',
  });
  await model.untilSpeaking();
  await running.send(agents.cancelRun, { params: { run_id: id } });
  await model.untilClosed();
});

test('cancelling twice changes nothing', async () => {
  const { id } = await hangingRun();
  const cancel = () => running.send(agents.cancelRun, { params: { run_id: id } });
  const first = await cancel();
  const entries = await running.events(id);
  expect(await cancel()).toEqual(first);
  expect(await running.events(id)).toEqual(entries);
});
