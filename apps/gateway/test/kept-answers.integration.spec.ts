import { decisions } from '@magistry/contracts';
import { type Answer, jsonAnswer, notModified } from '@magistry/messaging';
import type { Gateway } from '../src/gateway.js';
import { send } from './http.fixture.js';
import { bearer, DoubledServices, openAccount, startTestGateway } from './platform.fixture.js';

let gateway: Gateway;
let doubles: DoubledServices;
/** What the doubled ledger is at, and the etags that it was asked with. */
let ledger = { etag: 'first', rows: ['one'] };
const asked: string[] = [];

const page = ({ etag, rows }: typeof ledger): Answer => ({ ...jsonAnswer({ data: rows }), etag });

beforeAll(async () => {
  doubles = await DoubledServices.start();
  gateway = await startTestGateway();
});
beforeEach(() => {
  ledger = { etag: 'first', rows: ['one'] };
  asked.length = 0;
  doubles.onList = async ({ headers }) => {
    const ifNoneMatch = headers?.['if-none-match'] ?? '';
    asked.push(ifNoneMatch);
    return ifNoneMatch === ledger.etag ? notModified(ledger.etag) : page(ledger);
  };
});
afterAll(async () => {
  await gateway.stop();
  await doubles.stop();
});

let opened = 100;

/** Reads as a workspace of its own, of which nothing is kept yet. */
function aWorkspace(scopes = ['*']) {
  opened += 1;
  const workspace = { id: opened, slug: `workspace-${opened}`, tier: 'enterprise' };
  const keyWith = (overrides: object) => openAccount({ workspace, ...overrides });
  const key = keyWith({ scopes });
  const read = (query = '', headers: object = {}) =>
    send(gateway.url, `/v1/decisions${query}`, { headers: { ...bearer(key), ...headers } });
  const readBy = (overrides: object) =>
    send(gateway.url, '/v1/decisions', { headers: bearer(keyWith(overrides)) });
  return { read, readBy };
}

test('an answer that still holds is given again as it was, once its service has said so', async () => {
  const { read } = aWorkspace();
  const first = await read();
  const again = await read();
  expect(asked).toEqual(['', 'first']);
  expect(again).toMatchObject({ status: 200, text: first.text });
  expect(again.headers['content-type']).toBe(first.headers['content-type']);
  expect(again.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
});

test('an answer that holds no longer is replaced, and the new one is asked for from then on', async () => {
  const { read } = aWorkspace();
  await read();
  ledger = { etag: 'second', rows: ['one', 'two'] };
  expect((await read()).json).toEqual({ data: ['one', 'two'] });
  expect((await read()).json).toEqual({ data: ['one', 'two'] });
  expect(asked).toEqual(['', 'first', 'second']);
});

test('another query, version or workspace has nothing of it; another key of the workspace has', async () => {
  const { read, readBy } = aWorkspace();
  await read();
  await read('?limit=2');
  await read('', { 'x-magistry-version': '2026-11-01' });
  await aWorkspace().read();
  await readBy({});
  expect(asked).toEqual(['', '', '', '', 'first']);
});

test('a key that may not read is refused, whatever is kept', async () => {
  const { read, readBy } = aWorkspace();
  await read();
  expect((await readBy({ scopes: ['planner:write'] })).status).toBe(403);
  expect(asked).toEqual(['']);
});

test('while the service is gone nothing that was kept is given', async () => {
  const { read } = aWorkspace();
  await read();
  await doubles.remove(decisions.listDecisions);
  try {
    expect((await read()).status).toBe(503);
  } finally {
    await doubles.restore();
  }
  expect((await read()).status).toBe(200);
});

test.each([
  ['without an etag', () => jsonAnswer({ data: [] })],
  ['of more than 128 KiB', () => page({ etag: 'long', rows: ['x'.repeat(130 * 1024)] })],
])('an answer %s is asked for anew each time', async (_, answer) => {
  doubles.onList = async ({ headers }) => {
    const ifNoneMatch = headers?.['if-none-match'] ?? '';
    asked.push(ifNoneMatch);
    return answer();
  };
  const { read } = aWorkspace();
  for (let time = 0; time < 2; time += 1) expect((await read()).status).toBe(200);
  expect(asked).toEqual(['', '']);
});
