import type { Gateway } from '../src/gateway.js';
import { type Answered, send } from './http.fixture.js';
import {
  bearer,
  DoubledServices,
  KEYS,
  openAccount,
  PROPOSAL,
  startTestGateway,
  writeHeaders,
} from './platform.fixture.js';

let gateway: Gateway;
let doubles: DoubledServices;

beforeAll(async () => {
  doubles = await DoubledServices.start();
  gateway = await startTestGateway();
});
afterAll(async () => {
  await gateway.stop();
  await doubles.stop();
});

function list(key: string, selector?: string): Promise<Answered> {
  const headers = { ...bearer(key), ...(selector !== undefined && { 'x-workspace-id': selector }) };
  return send(gateway.url, '/v1/decisions', { headers });
}

function propose(key: string, members: object, selector?: string): Promise<Answered> {
  const headers = { ...writeHeaders(key), ...(selector !== undefined && { 'x-workspace-id': selector }) };
  const body = JSON.stringify({ ...PROPOSAL, ...members });
  return send(gateway.url, '/v1/planner/propose', { method: 'POST', headers, body });
}

test.each([undefined, '', 'linen-house', '7'])(
  'a key acts in its own workspace, named %j',
  async (selector) => {
    expect((await list(KEYS.full, selector)).json.workspace).toBe('linen-house');
  },
);

test.each(['oak-mill', '8', '07', 'nowhere', 'linen-house, oak-mill'])(
  '404 for a key that names the workspace %s',
  async (selector) => {
    const refused = await list(KEYS.full, selector);
    expect([refused.status, refused.json.code]).toEqual([404, 'not_found']);
    expect((await propose(KEYS.full, { tenant: selector })).status).toBe(404);
  },
);

test('a key acts in a workspace that it made, when it may make them', async () => {
  expect((await list(KEYS.full, 'elm-shop')).json.workspace).toBe('elm-shop');
  expect((await propose(KEYS.full, { tenant: 'elm-shop' }, '9')).status).toBe(200);
  expect((await propose(KEYS.full, { tenant: 'elm-shop' }, 'linen-house')).status).toBe(404);
  expect((await list(KEYS.readOnly, 'elm-shop')).status).toBe(404);
});

test('a partner acts where tenant or X-Workspace-ID says, by slug or id', async () => {
  expect((await list(KEYS.partner, 'oak-mill')).json.workspace).toBe('oak-mill');
  expect((await list(KEYS.partner, '7')).json.workspace).toBe('linen-house');
  expect((await propose(KEYS.partner, { tenant: 'linen-house' })).status).toBe(200);
  expect((await propose(KEYS.partner, { tenant: 'linen-house' }, '7')).status).toBe(200);
  expect((await propose(KEYS.partner, {}, 'linen-house')).status).toBe(200);
});

test('a partner with one install needs to name none', async () => {
  expect((await list(KEYS.newPartner)).json.workspace).toBe('linen-house');
});

test('422 for a partner with several installs that names none, or two', async () => {
  const unnamed = await list(KEYS.partner);
  expect([unnamed.status, unnamed.json.code]).toEqual([422, 'validation_failed']);
  expect(unnamed.json.errors[0].message).toContain('X-Workspace-ID');
  expect((await propose(KEYS.partner, {})).status).toBe(422);
  expect((await propose(KEYS.partner, { tenant: 'linen-house' }, 'oak-mill')).status).toBe(422);
});

test.each(['nowhere', '__proto__', '../linen-house', 'a'.repeat(10_000), ' linen-house', 'a\u0000b'])(
  '404 for a partner in the workspace %#, which did not install it',
  async (tenant) => {
    const refused = await propose(KEYS.partner, { tenant });
    expect([refused.status, refused.json.code]).toEqual([404, 'not_found']);
  },
);

test("a partner's scopes are those of the install", async () => {
  const refused = await propose(KEYS.partner, { tenant: 'oak-mill' });
  expect(refused.status).toBe(403);
  expect(refused.json.detail).toContain('planner:write');
});

test('behind a request stand the makers of the very key that it came with, wherever it acts', async () => {
  const principalId = 'partner:made';
  const account = { principalId, scopes: [], isPartner: true };
  const kept = openAccount(account);
  const turnedOver = openAccount({ ...account, makerIds: ['key:5', 'key:1'] });
  const own = openAccount({ makerIds: ['key:5'] });
  for (const [key, makerIds] of [
    [kept, []],
    [turnedOver, ['key:5', 'key:1']],
    [kept, []],
    [own, ['key:5']],
  ] as const) {
    expect((await propose(key, { tenant: 'linen-house' })).status).toBe(200);
    expect(doubles.proposals.at(-1)?.context.principal?.makerIds).toEqual(makerIds);
  }
});

test("a body's actor must be the caller", async () => {
  const partner = { tenant: 'linen-house', actor: 'partner:research-tool' };
  expect((await propose(KEYS.partner, partner)).status).toBe(200);
  expect((await propose(KEYS.full, { actor: 'key:1' })).status).toBe(200);
  const refused = await propose(KEYS.partner, { ...partner, actor: 'partner:other' });
  expect([refused.status, refused.json.code]).toEqual([403, 'access_denied']);
});
