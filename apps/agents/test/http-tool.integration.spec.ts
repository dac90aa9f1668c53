import type { IncomingMessage, ServerResponse } from 'node:http';
import { agents } from '@magistry/contracts';
import { type BareReceiver, startHttpReceiver } from '@magistry/testing';
import { type RunningAgents, startAgents } from './agents.fixture.js';

const OUTPUT = {
  type: 'object',
  properties: { stock: { type: 'integer' }, status: { type: 'integer' }, is_cut: { type: 'boolean' } },
};
const CALLER = {
  ...{ title: 'Caller', description: 'Calls.', tools: ['http_request'] },
  output_schema: OUTPUT,
};
const closing: (() => unknown)[] = [];
let running: RunningAgents;

beforeAll(async () => {
  running = await startAgents();
  const http_hosts = ['127.0.0.1', '169.254.169.254', 'localhost'];
  await running.send(agents.createAgent, { body: { ...CALLER, slug: 'caller', http_hosts } });
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(() => running.stop());

async function start(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const receiver: BareReceiver = await startHttpReceiver(answer);
  closing.push(() => receiver.close());
  return { ...receiver, url: `http://127.0.0.1:${receiver.port}/stock` };
}

/** The rule model uses a tool with what the payload has, and fills its output with what it was given. */
async function call(payload: object) {
  const { json } = await running.send(agents.runAgent, { params: { slug: 'caller' }, body: { payload } });
  const { run_id, output } = json as { run_id: string; output: object };
  const entries = await running.events(run_id);
  return { run_id, output, result: entries.find(({ event }) => event === 'tool_result')?.data };
}

test('an agent knows what a host that it names has answered', async () => {
  const { url } = await start((_, response) =>
    response.setHeader('content-type', 'application/json').end('{"stock": 7}'),
  );
  expect((await call({ url })).output).toEqual({ stock: 7, status: 200, is_cut: false });
});

test('a POST has its JSON and the key of its call', async () => {
  const got: unknown[] = [];
  const { url } = await start((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.push(
        request.method,
        request.headers['idempotency-key'],
        JSON.parse(Buffer.concat(chunks).toString()),
      );
      response.end();
    });
  });
  const { run_id } = await call({ url, method: 'POST', body: { sku: 'a-1' } });
  expect(got).toEqual(['POST', `${run_id}:call_1_1`, { sku: 'a-1' }]);
});

test('a redirect is told, and what it leads to is not asked', async () => {
  const inside = await start((_, response) => response.end('inside'));
  const { url } = await start((_, response) => response.writeHead(302, { location: inside.url }).end());
  expect((await call({ url })).output).toMatchObject({ status: 302 });
  expect(inside.connections()).toBe(0);
});

test('a body without end is cut', async () => {
  const { url } = await start((_, response) => {
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    };
    response.on('drain', more);
    more();
  });
  expect((await call({ url })).output).toMatchObject({ status: 200, is_cut: true });
});

test.each([
  ['a host that it does not name', 'https://example.com/', /may call 127\.0\.0\.1/],
  ['a name that only looks like it', 'http://127.0.0.1.example.com/', /may call/],
  ['the address of metadata', 'https://169.254.169.254/latest', /does not lead to a public address/],
  ['no URL', 'nonsense', /may call/],
  ['a user in the URL', 'https://a:b@localhost/', /user name/],
])('%s is not called, and the agent is told why', async (_, url, message) => {
  const { result } = await call({ url });
  expect(result?.['error']).toMatch(message);
});

test('an agent that may call nobody is not made', async () => {
  const asked = running.send(agents.createAgent, { body: { ...CALLER, slug: 'nobody' } });
  await expect(asked).rejects.toMatchObject({ errors: [{ path: 'http_hosts' }] });
});

test('every agent that is shipped names only what is there', async () => {
  const { json } = await running.send(agents.listAgents, {});
  for (const { slug } of json as { slug: string }[]) {
    const { status } = await running.send(agents.updateAgent, { params: { slug }, body: {} });
    expect([slug, status]).toEqual([slug, 200]);
  }
});
