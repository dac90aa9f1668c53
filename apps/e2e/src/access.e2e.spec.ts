import { randomUUID } from 'node:crypto';
import { mintApiKey } from '@magistry/access';
import { type PublicOperation, publicOperations } from '@magistry/contracts';
import type { Answered, GatewayClient } from './gateway.fixture.js';
import { readLedger } from './ledger.fixture.js';
import { expectProblem } from './problem.fixture.js';
import { aSmallStep } from './proposal-load.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import { type TestPartner, type TestWorkspace, Workspaces } from './workspaces.fixture.js';

/** A body that the operation would take; a new write needs its line here. */
const BODIES: Readonly<Record<string, unknown>> = {
  'planner.propose': aSmallStep('intruder'),
  'planner.set-policy': { velocity_per_minute: 1, reason: 'intruder' },
  'decisions.reverse-decision': { reason: 'intruder' },
  'planner.approve-escalation': { reason: 'intruder' },
  'decisions.reject-escalation': { reason: 'intruder' },
  'decisions.set-kill-switch': { engaged: true, reason: 'intruder' },
  'identity.open-workspace': { name: 'intruder' },
  'identity.update-workspace': { name: 'intruder' },
  'identity.delete-workspace': undefined,
  'identity.issue-api-key': { name: 'intruder', scopes: ['posts:read'] },
  'identity.rotate-api-key': {},
  'identity.revoke-api-key': undefined,
  'identity.record-usage': { feature: 'posts' },
};

/** The query that an operation cannot do without. */
const QUERIES: Readonly<Record<string, string>> = { 'identity.check-entitlement': '?feature=posts' };

const system = systemUnderTest();
const secretWord = `secret-${randomUUID()}`;
let workspaces: Workspaces;
let home: TestWorkspace;
let homeLedger: unknown;
let stranger: TestWorkspace;
let keyWithout: Map<string, string>;
let partner: TestPartner;
let decisionId: string;
let escalationId: string;
let homeKeyId: number;

const matrix = publicOperations.flatMap((operation) =>
  operation.routes.map(({ method, path }) => ({ operation, method, path, scope: operation.scope })),
);
type Route = (typeof matrix)[number];

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  home = await workspaces.createOpen();
  stranger = await workspaces.create();
  await home.client.setKillSwitch(true, secretWord);
  await home.client.setKillSwitch(false, secretWord);
  await home.client.write('PUT', '/v1/planner/policy', { protected_marks: [secretWord] });
  const { json } = await home.client.propose({ ...aSmallStep(randomUUID()), sku: secretWord });
  decisionId = (await home.client.get(`/v1/decisions/${json.decision_id}`)).json.id;
  const bigStep = { ...aSmallStep(randomUUID()), delta_eur: -60 };
  const { escalation } = (await home.client.propose(bigStep)).json;
  escalationId = escalation.split('/').at(-1);
  homeKeyId = (await home.client.get('/api/v1/api-keys')).json.data[0].id;
  homeLedger = await readLedger(home.client);
  partner = await workspaces.createPartner(home.id, ['webhooks:read']);
  const scopes = [...new Set(publicOperations.map(({ scope }) => scope))];
  const others = await Promise.all(
    scopes.map((scope) =>
      workspaces.createKey(
        home.id,
        scopes.filter((other) => other !== scope),
      ),
    ),
  );
  keyWithout = new Map(scopes.map((scope, index) => [scope, others[index] ?? '']));
});
afterAll(async () => {
  const after = await readLedger(home.client);
  await workspaces.close();
  expect(after).toEqual(homeLedger);
});

/** The operation on the home workspace's decision or escalation, as whoever `client` is. */
function ask(client: GatewayClient, { operation, method, path }: Route, headers = {}): Promise<Answered> {
  const id = path.startsWith('/api/v1/api-keys') ? homeKeyId : home.id;
  const query = QUERIES[operation.name] ?? '';
  const named = path.replace(':decision', decisionId).replace(':escalation', escalationId);
  const url = named.replace(':id', String(id)) + query;
  return method === 'GET'
    ? client.get(url, headers)
    : client.write(method, url, bodyOf(operation), { 'idempotency-key': randomUUID(), ...headers });
}

function bodyOf({ name }: PublicOperation): unknown {
  if (!Object.hasOwn(BODIES, name)) throw new Error(`add a body for ${name} to BODIES of this test`);
  return BODIES[name];
}

test('the matrix covers every operation', () => {
  expect(new Set(matrix.map(({ operation }) => operation.name)).size).toBe(publicOperations.length);
  expect(matrix.length).toBeGreaterThan(5);
});

describe.each(matrix)('$method $path', (route) => {
  test('without a key is 401', async () => {
    expectProblem(await ask(home.client.withKey(undefined), route), 'unauthorized');
  });

  test.each([
    ['malformed', () => 'sk_live_nonsense'],
    ['well-formed and unknown', () => mintApiKey('sk_live').credential],
    ['unknown, of a partner', () => mintApiKey('mag_live_partner').credential],
    [
      'mistyped',
      () => (keyWithout.get(route.scope) ?? '').replace(/.$/, (last) => (last === '0' ? '1' : '0')),
    ],
  ])('with a key that is %s is 401', async (_, key) => {
    expectProblem(await ask(home.client.withKey(key()), route), 'unauthorized');
  });

  test('with a key that has every scope but its own is 403', async () => {
    const refused = await ask(home.client.withKey(keyWithout.get(route.scope)), route);
    expectProblem(refused, 'access_denied');
    expect(refused.text).toContain(route.scope);
  });

  test('for a partner whose install does not grant its scope is 403', async () => {
    const client = home.client.withKey(partner.key);
    expectProblem(await ask(client, route, { 'x-workspace-id': home.slug }), 'access_denied');
  });

  test('for a partner in a workspace that has not installed it is 404', async () => {
    const client = home.client.withKey(partner.key);
    expectProblem(await ask(client, route, { 'x-workspace-id': stranger.slug }), 'not_found');
  });

  test('with a key of another workspace is 404 or shows nothing of this one', async () => {
    const named = await ask(stranger.client, route, { 'x-workspace-id': home.slug });
    expectProblem(named, 'not_found');
    const unnamed = await ask(stranger.client, route);
    if (/:(decision|escalation|id)/.test(route.path)) expectProblem(unnamed, 'not_found');
    else expect([200, 201, 404]).toContain(unnamed.status);
    expect(unnamed.text).not.toContain(secretWord);
    expect(unnamed.text).not.toContain(decisionId);
    expect(unnamed.text).not.toContain(escalationId);
  });
});
