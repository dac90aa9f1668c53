import { pino } from 'pino';
import type { Gateway } from '../src/gateway.js';
import { send } from './http.fixture.js';
import { bearer, DoubledServices, KEYS, startTestGateway, writeHeaders } from './platform.fixture.js';

let gateway: Gateway;
let doubles: DoubledServices;
let text = '';

const logger = pino(
  { level: 'info' },
  {
    write: (line: string) => {
      text += line;
    },
  },
);
const lines = () =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

beforeAll(async () => {
  doubles = await DoubledServices.start();
  gateway = await startTestGateway({}, logger);
});
beforeEach(() => {
  text = '';
});
afterAll(async () => {
  await gateway.stop();
  await doubles.stop();
});

test('one line a request says who, what, how and how long', async () => {
  await send(gateway.url, '/v1/decisions', { headers: { ...bearer(KEYS.full), 'x-request-id': 'mine' } });
  await send(gateway.url, '/v1/decisions', { headers: { 'x-request-id': 'nobody' } });
  await send(gateway.url, '/v1/decisions/%zz', { headers: { 'x-request-id': 'malformed' } });
  await send(gateway.url, '/health');
  const answered = { requestId: 'mine', operation: 'decisions.list-decisions', status: 200 };
  expect(lines()).toEqual([
    expect.objectContaining({
      ...answered,
      principal: 'key:1',
      workspace: 7,
      durationMs: expect.any(Number),
    }),
    expect.objectContaining({ ...answered, requestId: 'nobody', status: 401 }),
    expect.objectContaining({ requestId: 'malformed', status: 400 }),
  ]);
});

test('no key, header, body or query is ever logged', async () => {
  const headers = { ...writeHeaders(KEYS.full), 'idempotency-key': 'idem-secret' };
  for (const body of ['{"note":"body-secret","evidence_tier":"A","action":"X"}', '{"body-secret"']) {
    await send(gateway.url, '/v1/planner/propose?q=query-secret', { method: 'POST', headers, body });
  }
  await send(gateway.url, '/v1/decisions?api_key=query-secret', { headers: bearer('sk_live_header-secret') });
  expect(lines()).toHaveLength(3);
  expect(text).not.toMatch(/secret|sk_live/);
});
