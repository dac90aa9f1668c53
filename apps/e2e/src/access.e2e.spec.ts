import { randomUUID } from 'node:crypto';
import { mintApiKey } from '@magistry/access';
import { codeIn, publicOperations } from '@magistry/contracts';
import { ERROR_STATUS, type ErrorCode } from '@magistry/errors';
import type { Answered, GatewayClient } from './gateway.fixture.js';
import { readLedger } from './ledger.fixture.js';
import { expectProblem } from './problem.fixture.js';
import { aSmallStep } from './proposal-load.fixture.js';
import {
  ask,
  hasParams,
  makeOneOfEach,
  namesWhatIsPublic,
  namesWhatIsThere,
  operationRoutes,
  pathOf,
} from './sample-request.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import { type TestPartner, type TestWorkspace, Workspaces } from './workspaces.fixture.js';

const EXPIRY_MS = 1_500;
/** Shorter ids (whole numbers) stand in other people's answers by chance. */
const TELLING_ID_LENGTH = 8;

const system = systemUnderTest();
const secretWord = `secret-${randomUUID()}`;
const scopes = [...new Set(publicOperations.map(({ scope }) => scope))];
const pathsAtHome = new Map<string, string>();
let workspaces: Workspaces;
let home: TestWorkspace;
let homeLedger: unknown;
let stranger: TestWorkspace;
let expiredKey: string;
let keyWithout: Map<string, string>;
let partner: TestPartner;

const matrix = operationRoutes.map((entry) => ({
  ...entry,
  title: `${entry.route.method} ${entry.route.path}`,
}));
type Entry = (typeof matrix)[number];

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  home = await workspaces.createOpen();
  stranger = await workspaces.create();
  expiredKey = await workspaces.createKey(home.id, ['*'], { expiresUnixMs: Date.now() + EXPIRY_MS });
  const expired = new Promise((resolve) => setTimeout(resolve, EXPIRY_MS));
  await home.client.propose({ ...aSmallStep(randomUUID()), sku: secretWord });
  await home.client.write('PUT', '/v1/planner/policy', { protected_marks: [secretWord] });
  await makeOneOfEach(home.client);
  await workspaces.admitViewer(home.id);
  await home.client.setKillSwitch(true, secretWord);
  for (const entry of matrix) pathsAtHome.set(entry.title, await pathOf(home.client, entry));
  homeLedger = await readLedger(home.client);
  partner = await workspaces.createPartner(home.id, ['nothing:read']);
  keyWithout = new Map();
  for (const scope of scopes) {
    const others = scopes.filter((other) => other !== scope);
    keyWithout.set(scope, await workspaces.createKey(home.id, others));
  }
  await expired;
});
afterAll(async () => {
  const after = await readLedger(home.client);
  await workspaces.close();
  expect(after).toEqual(homeLedger);
});

/** The operation on what the home workspace has, as whoever `client` is. */
function askAtHome(client: GatewayClient, entry: Entry, headers = {}): Promise<Answered> {
  return ask(client, entry, pathsAtHome.get(entry.title) ?? '', headers);
}

/** That the body is of the documented form, the client has checked. */
function expectRefused(answered: Answered, wanted: ErrorCode, { route }: Entry): void {
  const { status, json } = answered;
  const code = codeIn(route.style, wanted);
  const told = json?.error?.code ?? json?.error ?? json?.code;
  expect({ status, code: told }).toEqual({ status: ERROR_STATUS[code], code });
  if (answered.headers['content-type']?.includes('problem')) expectProblem(answered, code);
}

test('the matrix covers every operation', () => {
  expect(new Set(matrix.map(({ operation }) => operation.name)).size).toBe(publicOperations.length);
  expect(matrix.length).toBeGreaterThan(5);
});

describe.each(matrix)('$title', (entry) => {
  const { operation, route } = entry;
  const { scope } = operation;

  test.each([
    ['no key', () => undefined],
    ['a malformed key', () => 'sk_live_nonsense'],
    ['a key that is well-formed and unknown', () => mintApiKey('sk_live').credential],
    ['an unknown key of a partner', () => mintApiKey('mag_live_partner').credential],
    ['a mistyped key', () => home.key.replace(/.$/, (last) => (last === '0' ? '1' : '0'))],
    ['an expired key', () => expiredKey],
  ])('with %s is 401', async (_, key) => {
    expectRefused(await askAtHome(home.client.withKey(key()), entry), 'unauthorized', entry);
  });

  test('with a key that has every scope but its own is 403', async () => {
    const refused = await askAtHome(home.client.withKey(keyWithout.get(scope)), entry);
    expectRefused(refused, 'access_denied', entry);
    expect(refused.text).toContain(scope);
  });

  test('for a partner whose install does not grant its scope is 403', async () => {
    const client = home.client.withKey(partner.key);
    expectRefused(await askAtHome(client, entry, { 'x-workspace-id': home.slug }), 'access_denied', entry);
  });

  test('for a partner in a workspace that has not installed it is 404', async () => {
    const client = home.client.withKey(partner.key);
    expectRefused(await askAtHome(client, entry, { 'x-workspace-id': stranger.slug }), 'not_found', entry);
  });

  test('with a key of another workspace is 404 or shows nothing of this one', async () => {
    const named = await askAtHome(stranger.client, entry, { 'x-workspace-id': home.slug });
    expectRefused(named, 'not_found', entry);
    const unnamed = await askAtHome(stranger.client, entry);
    const isNamed = namesWhatIsThere(operation) && !namesWhatIsPublic(operation);
    if (isNamed) expectRefused(unnamed, 'not_found', entry);
    else expect(unnamed.status < 300 || (hasParams(route) && unnamed.status === 404)).toBe(true);
    // What a sample names literally, such as an agent that is shipped to everybody, is no secret.
    const path = isNamed ? (pathsAtHome.get(entry.title) ?? '') : '';
    const ids = path.split('/').filter((part) => !route.path.includes(part));
    for (const told of [secretWord, ...ids.filter(({ length }) => length >= TELLING_ID_LENGTH)]) {
      expect(unnamed.text).not.toContain(told);
    }
  });

  test('with a key that has its scope alone is done', async () => {
    const owner = await workspaces.createOpen();
    // What makes something under a name of its own is the first to do so.
    if (namesWhatIsThere(operation)) await makeOneOfEach(owner.client);
    await workspaces.admitViewer(owner.id);
    const path = await pathOf(owner.client, entry);
    const key = await workspaces.createKey(owner.id, [scope, ...(operation.sample?.handsOut ?? [])]);
    const { status, text } = await ask(owner.client.withKey(key), entry, path);
    expect(status < 300 ? 'done' : text).toBe('done');
  });
});
