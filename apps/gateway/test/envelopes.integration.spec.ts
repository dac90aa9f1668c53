import { codeIn, type ErrorStyle, planner } from '@magistry/contracts';
import { ERROR_STATUS, type ErrorCode, ProblemError } from '@magistry/errors';
import type { Gateway } from '../src/gateway.js';
import { type Answered, send } from './http.fixture.js';
import {
  bearer,
  DoubledServices,
  KEYS,
  PROPOSAL,
  startTestGateway,
  writeHeaders,
} from './platform.fixture.js';

const message = expect.stringMatching(/\w/);
const ENVELOPES: Readonly<Record<'messages' | 'runs', (code: ErrorCode) => unknown>> = {
  messages: (code) => ({ error: { code, message } }),
  runs: (code) => (code === 'payload_too_large' ? { detail: 'Request body too large' } : { code, message }),
};

const SURFACES: readonly (readonly [string, keyof typeof ENVELOPES])[] = [
  ['/api/v1/messages', 'messages'],
  ['/api/v1/agents', 'runs'],
  ['/api/v1/runs', 'runs'],
  ['/api/v1/github', 'runs'],
];

let gateway: Gateway;
let doubles: DoubledServices;

// What will live below these prefixes is doubled by an operation that has its routes there.
beforeAll(async () => {
  doubles = await DoubledServices.start();
  const routes = SURFACES.map(([path, style]) => ({ method: 'POST' as const, path, style }));
  gateway = await startTestGateway({}, undefined, { operations: [{ ...planner.propose, routes }] });
});
afterAll(async () => {
  await gateway.stop();
  await doubles.stop();
});

/** As the style of the surface tells `code`. */
function expectRefusal(
  answered: Answered,
  style: ErrorStyle & keyof typeof ENVELOPES,
  code: ErrorCode,
): void {
  const told = codeIn(style, code);
  expect([answered.status, answered.json]).toEqual([ERROR_STATUS[told], ENVELOPES[style](told)]);
  expect(answered.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(answered.headers['x-request-id']).toMatch(/^req_/);
}

describe.each(SURFACES)('below %s', (path, style) => {
  const write = (body: string, headers = writeHeaders(KEYS.full)) =>
    send(gateway.url, path, { method: 'POST', headers, body });

  test('an unknown path, another method and a malformed URL', async () => {
    const headers = bearer(KEYS.full);
    expectRefusal(await send(gateway.url, `${path}/no/such/thing?x=1`, { headers }), style, 'not_found');
    expectRefusal(await send(gateway.url, `${path}/%zz`, { headers }), style, 'invalid_request');
    const wrongMethod = await send(gateway.url, path, { method: 'PUT', headers });
    expectRefusal(wrongMethod, style, 'method_not_allowed');
    expect(wrongMethod.headers.allow).toBe('OPTIONS, POST');
  });

  test('no valid key, no JSON and too much of it', async () => {
    expectRefusal(await write('{}', writeHeaders('sk_live_wrong')), style, 'unauthorized');
    expectRefusal(await write('{'), style, 'invalid_json');
    expectRefusal(await write(`{"x":"${'x'.repeat(300_000)}"}`), style, 'payload_too_large');
  });

  test.each<ErrorCode>(['validation_failed', 'server_error', 'conflict'])(
    '%s of the service behind it',
    async (code) => {
      doubles.onPropose = async () => {
        throw new ProblemError(code, 'It went another way.');
      };
      expectRefusal(await write(JSON.stringify(PROPOSAL)), style, code);
    },
  );
});
