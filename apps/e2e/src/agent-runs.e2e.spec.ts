import { follow } from './event-stream.fixture.js';
import type { Answered } from './gateway.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

const RUN = '/api/v1/agents/offer-orchestrator-mag/run';
const system = systemUnderTest();
let workspaces: Workspaces;
let home: TestWorkspace;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  home = await workspaces.create();
});
afterAll(() => workspaces.close());

const run = (payload: object, headers = {}) => home.client.write('POST', RUN, { payload }, headers);
const logsOf = (id: string, query = '') => `/api/v1/runs/${id}/logs${query}`;
const linesOf = ({ text }: Answered) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

test('a run, its summary and its log are as seed 004 prints them', async () => {
  const { status, json } = await run({ role: 'Senior Engineer' });
  expect(status).toBe(200);
  expect(json.output.offer.role).toBe('Senior Engineer');
  const summary = await home.client.get(json.artifacts.summary);
  expect(summary.json).toMatchObject({ run_id: json.run_id, summary: { status: 'success' }, has_logs: true });
  const logs = await home.client.get(json.artifacts.logs);
  expect(logs.headers['content-type']).toMatch(/^application\/x-ndjson/);
  const entries = linesOf(logs);
  expect(entries.map(({ event }) => event)).toEqual([
    ...['start', 'model_call', 'delegation', 'delegation_result', 'model_call', 'finish'],
  ]);
  for (const entry of entries) {
    expect(entry).toMatchObject({
      run_id: json.run_id,
      data: expect.any(Object),
      span_id: expect.any(String),
    });
    expect(entry.timestamp).toBeCloseTo(Date.now() / 1_000, -2);
  }
  expect(linesOf(await home.client.get(logsOf(json.run_id, '?tail=2')))).toEqual(entries.slice(-2));
  expect((await home.client.get(logsOf(json.run_id, '?tail=0'))).text).toBe('');
});

test('an asynchronous run is answered at once, and a foreign client follows it to its end', async () => {
  const { status, json, headers } = await run({ role: 'Engineer' }, { prefer: 'respond-async' });
  expect([status, headers['location']]).toEqual([202, `/api/v1/runs/${json.run_id}`]);
  const following = follow(`${system.gatewayUrl}${logsOf(json.run_id, '?follow=true')}`, home.key);
  const events = await following.until();
  expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
  expect(events.at(-1)?.data.event).toBe('finish');
  expect(events.map(({ data }) => data)).toEqual(linesOf(await home.client.get(logsOf(json.run_id))));
});

test('a client that comes back gets exactly what it missed, and 204 once there is nothing more', async () => {
  const { json } = await run({ role: 'Engineer' });
  const url = `${system.gatewayUrl}${logsOf(json.run_id, '?follow=true')}`;
  const all = await follow(url, home.key).until();
  for (const seen of [1, 3, all.length - 1]) {
    const missed = follow(url, home.key, seen);
    expect(await missed.until(all.length - seen)).toEqual(all.slice(seen));
    missed.close();
  }
  const done = await home.client.get(logsOf(json.run_id, '?follow=true'), {
    'last-event-id': String(all.length),
  });
  expect([done.status, done.text]).toEqual([204, '']);
});

test('a retry under the same key is the same run', async () => {
  const headers = { 'idempotency-key': 'one-run' };
  const first = await run({ role: 'Engineer' }, headers);
  const again = await run({ role: 'Engineer' }, headers);
  expect([again.json, again.headers['idempotent-replayed']]).toEqual([first.json, 'true']);
  const other = await run({ role: 'Designer' }, headers);
  expect([other.status, other.json.code]).toEqual([422, 'idempotency_key_reused']);
});

test.each<[string, () => Promise<Answered>, number, object]>([
  [
    'an unknown agent',
    () => home.client.write('POST', '/api/v1/agents/nobody/run', { payload: {} }),
    404,
    { code: 'agent_not_found' },
  ],
  ['a payload that does not fit', () => run({ role: 7 }), 400, { code: 'invalid_payload' }],
  ['malformed JSON', () => home.client.write('POST', RUN, '{"payload":'), 400, { code: 'invalid_payload' }],
  ['traversal', () => home.client.get('/api/v1/runs/..%2F..%2Fetc'), 400, { code: 'invalid_run_id' }],
  ['an unknown run', () => home.client.get('/api/v1/runs/mag-00000000'), 404, { code: 'not_found' }],
  ['no key', () => home.client.withKey(undefined).get('/api/v1/agents'), 401, { code: 'unauthorized' }],
])('%s is refused as seed 004 prints it', async (_, ask, status, body) => {
  const answered = await ask();
  expect([answered.status, answered.json]).toEqual([status, { ...body, message: expect.any(String) }]);
});

test('a body over the limit is refused in the words of seed 004', async () => {
  const answered = await run({ role: 'x'.repeat(10 * 1024 * 1024) });
  expect([answered.status, answered.json]).toEqual([413, { detail: 'Request body too large' }]);
});
