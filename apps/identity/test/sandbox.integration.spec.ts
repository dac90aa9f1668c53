import { parseApiKey } from '@magistry/access';
import { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { SANDBOX_STEPS } from '../src/domain/sandbox-samples.js';
import { type ApiCaller, aCaller, freshKey } from './caller.fixture.js';
import { LedgerDoubles } from './ledger-doubles.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

const REQUEST = { name: 'Sync', contact_email: 'a@sync.example', description: 'x', scopes: ['read'] };

let running: RunningIdentity;
let ledger: LedgerDoubles;
let applicant: ApiCaller;
let slug: string;

beforeAll(async () => {
  running = await startIdentity();
  ledger = await LedgerDoubles.start();
});
beforeEach(async () => {
  applicant = await aCaller(running);
  const applied = await applicant.ask(identity.applyAsPartner, { body: REQUEST, key: freshKey() });
  slug = applied.json.slug;
});
afterEach(() => {
  ledger.fault = () => {};
});
afterAll(async () => {
  await ledger.stop();
  await running.stop();
});

const open = (key = freshKey(), caller = applicant) =>
  caller.ask(identity.openSandbox, { params: { slug }, key });
const resolve = (credential: string) => running.call(identity.resolveCredential, { credential });
const suspend = (status: string) =>
  running.call(identity.setPartnerStatus, { slug, status, reason: 'a test' });
const namesOf = (workspaceId: number) =>
  ledger.rowsOf(workspaceId).map(({ context }) => context.idempotency?.key);
const allNames = (workspaceId: number) => SANDBOX_STEPS.map(({ name }) => `sandbox-${workspaceId}-${name}`);

test('a sandbox is filled step by step, and its key acts there as the partner and nowhere else', async () => {
  const { status, json } = await open();
  expect({ status, json }).toEqual({
    status: 201,
    json: { workspace: { id: expect.any(Number), slug: `${slug}-sandbox` }, api_key: expect.any(String) },
  });
  const { id } = json.workspace;
  expect(namesOf(id)).toEqual(allNames(id));
  const actors = new Set(ledger.rowsOf(id).map(({ context }) => context.principal?.actor));
  expect(actors).toEqual(new Set(['system:sandbox', `partner:${slug}`]));
  expect(parseApiKey(json.api_key)?.prefix).toBe('mag_test_partner');
  expect(await resolve(json.api_key)).toMatchObject({
    principalId: `partner:${slug}/test`,
    actor: `partner:${slug}`,
    scopes: ['read'],
    workspace: { id },
  });
});

test.each(['before', 'after'] as const)(
  'whichever step a crash comes %s, the retry goes on there, and every step is done once',
  async (moment) => {
    for (const stop of SANDBOX_STEPS.keys()) {
      applicant = await aCaller(running);
      const body = { ...REQUEST, name: `Crash ${moment} ${stop}` };
      slug = (await applicant.ask(identity.applyAsPartner, { body, key: freshKey() })).json.slug;
      const failsAt = ledger.received.length + stop + 1;
      ledger.fault = (count, at) => {
        if (count === failsAt && at === moment) throw new ProblemError('service_unavailable', 'crashed');
      };
      const key = freshKey();
      await expect(open(key)).rejects.toMatchObject({ code: 'service_unavailable', retryAfterSeconds: 1 });
      const receivedBefore = ledger.received.length;
      const { json, headers } = await open(key);
      expect(headers['Idempotent-Replayed']).toBeUndefined();
      expect(namesOf(json.workspace.id)).toEqual(allNames(json.workspace.id));
      expect(ledger.received.length - receivedBefore).toBe(SANDBOX_STEPS.length - stop);
    }
  },
);

test('a retry of what was answered repeats the key and asks the ledger nothing', async () => {
  const key = freshKey();
  const first = await open(key);
  const received = ledger.received.length;
  const again = await open(key);
  expect(again.text).toBe(first.text);
  expect(again.headers['Idempotent-Replayed']).toBe('true');
  expect(ledger.received.length).toBe(received);
});

test('of many at once under one key all get the one sandbox, and its steps are done once', async () => {
  const key = freshKey();
  const told = await Promise.all(Array.from({ length: 6 }, () => open(key)));
  expect(new Set(told.map(({ text }) => text)).size).toBe(1);
  const { id } = told[0]?.json.workspace ?? {};
  expect(namesOf(id)).toEqual(allNames(id));
});

test('of many at once under keys of their own one gets a sandbox, and the others are told of it', async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => open()));
  const made = outcomes.filter((outcome) => outcome.status === 'fulfilled');
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(made).toHaveLength(1);
  expect(refused.map(({ reason }) => reason.code)).toEqual(Array(5).fill('conflict'));
  const { rows } = await running.asOwner(
    'SELECT w.id FROM workspace w JOIN partner p ON p.id = w.sandbox_partner_id WHERE p.slug = $1',
    [slug],
  );
  expect(rows).toHaveLength(1);
});

test('another key of the workspace goes on with what the first one began', async () => {
  const failsAt = ledger.received.length + 3;
  ledger.fault = (count) => {
    if (count === failsAt) throw new ProblemError('service_unavailable', 'crashed');
  };
  await expect(open()).rejects.toMatchObject({ code: 'service_unavailable' });
  const { json } = await open(freshKey(), applicant.as({ principalId: 'key:999999' }));
  expect(namesOf(json.workspace.id)).toEqual(allNames(json.workspace.id));
});

test('nobody reaches a sandbox before it is filled', async () => {
  ledger.fault = () => {
    throw new ProblemError('service_unavailable', 'crashed');
  };
  await expect(open()).rejects.toMatchObject({ code: 'service_unavailable' });
  const selector = `${slug}-sandbox`;
  const { principalId } = applicant;
  const reached = running.call(identity.resolveWorkspace, { principalId, selector });
  await expect(reached).rejects.toMatchObject({ code: 'not_found' });
  const listed = await applicant.ask(identity.listReachableWorkspaces);
  expect(listed.json.data).toHaveLength(1);
});

test('the applicant acts in its sandbox and ends it; then there may be another', async () => {
  const { workspace, api_key } = (await open()).json;
  const { principalId } = applicant;
  const reached = await running.call(identity.resolveWorkspace, { principalId, selector: workspace.slug });
  expect(reached.workspace?.id).toBe(workspace.id);
  await applicant.ask(identity.deleteWorkspace, { params: { id: String(workspace.id) }, key: freshKey() });
  expect((await resolve(api_key)).workspace).toBeUndefined();
  const second = (await open()).json;
  expect(second.workspace).toEqual({ id: expect.any(Number), slug: `${slug}-sandbox-2` });
  expect((await resolve(api_key)).workspace?.id).toBe(second.workspace.id);
});

test('in a sandbox keys are test keys, also after a rotation, and nothing is made that reaches out of it', async () => {
  const { workspace } = (await open()).json;
  const inside = applicant.as({ workspace: { ...workspace, tier: 'pro' } });
  const made = await inside.ask(identity.issueApiKey, { body: { name: 'in the sandbox' }, key: freshKey() });
  const params = { id: String(made.json.data.id) };
  const turned = await inside.ask(identity.rotateApiKey, { params, body: {}, key: freshKey() });
  for (const { json } of [made, turned]) {
    expect(parseApiKey(json.data.key)?.prefix).toBe('sk_test');
    expect((await resolve(json.data.key)).workspace?.id).toBe(workspace.id);
  }
  const { key } = await running.call(identity.createApiKey, { workspaceId: workspace.id, name: 'operator' });
  expect(parseApiKey(key)?.prefix).toBe('sk_test');
  const refused = { code: 'access_denied' };
  const opened = inside.ask(identity.openWorkspace, { body: { name: 'Out' }, key: freshKey() });
  await expect(opened).rejects.toMatchObject(refused);
  const applied = inside.ask(identity.applyAsPartner, { body: REQUEST, key: freshKey() });
  await expect(applied).rejects.toMatchObject(refused);
});

test('live keys know nothing of sandboxes, test keys nothing of anything else', async () => {
  const { workspace: sandbox, api_key: testKey } = (await open()).json;
  const issued = await applicant.ask(identity.issuePartnerKey, { params: { slug }, key: freshKey() });
  const liveKey = issued.json.api_key;
  expect((await resolve(liveKey)).workspace).toBeUndefined();
  const { id: workspaceId, slug: shop } = applicant.workspace;
  await running.call(identity.installPartner, { slug, workspaceId });
  expect((await resolve(liveKey)).workspace?.slug).toBe(shop);
  expect((await resolve(testKey)).workspace?.slug).toBe(sandbox.slug);
  const reach = (principalId: string, selector: string) =>
    running.call(identity.resolveWorkspace, { principalId, selector });
  expect((await reach(`partner:${slug}`, shop)).workspace?.slug).toBe(shop);
  expect((await reach(`partner:${slug}/test`, sandbox.slug)).workspace?.slug).toBe(sandbox.slug);
  const notFound = { code: 'not_found' };
  await expect(reach(`partner:${slug}`, sandbox.slug)).rejects.toMatchObject(notFound);
  await expect(reach(`partner:${slug}/test`, shop)).rejects.toMatchObject(notFound);
});

test("a sandbox says that it is one, and its applicant's workspace that it is none", async () => {
  const { workspace, api_key } = (await open()).json;
  expect((await resolve(api_key)).workspace).toMatchObject({ id: workspace.id, isSandbox: true });
  const { principalId } = applicant;
  const reach = (selector: string) => running.call(identity.resolveWorkspace, { principalId, selector });
  expect((await reach(workspace.slug)).workspace?.isSandbox).toBe(true);
  expect((await reach(applicant.workspace.slug)).workspace?.isSandbox).toBe(false);
});

test('while the partner is suspended its sandbox is shut to everybody, and opens again with it', async () => {
  const { workspace, api_key } = (await open()).json;
  const inside = applicant.as({ workspace: { ...workspace, tier: 'pro' } });
  const made = await inside.ask(identity.issueApiKey, { body: { name: 'inside' }, key: freshKey() });
  const { principalId } = applicant;
  const reach = () => running.call(identity.resolveWorkspace, { principalId, selector: workspace.slug });
  await suspend('suspended');
  for (const key of [api_key, made.json.data.key]) {
    await expect(resolve(key)).rejects.toMatchObject({ code: 'unauthorized' });
  }
  await expect(reach()).rejects.toMatchObject({ code: 'not_found' });
  await suspend('approved');
  for (const key of [api_key, made.json.data.key])
    expect((await resolve(key)).workspace?.id).toBe(workspace.id);
  expect((await reach()).workspace?.id).toBe(workspace.id);
});

test('a partner that is suspended gets no sandbox, and the same request passes once it is approved', async () => {
  await suspend('suspended');
  const key = freshKey();
  await expect(open(key)).rejects.toMatchObject({ code: 'access_denied' });
  await suspend('approved');
  expect((await open(key)).status).toBe(201);
});

test('that a sandbox was opened stands in the audit log of its applicant, once and without its key', async () => {
  const key = freshKey();
  const { json } = await open(key);
  await open(key);
  const { rows } = await running.asOwner(
    `SELECT subject, details FROM audit_outbox WHERE workspace_id = $1 AND action = 'partner.sandbox_opened'`,
    [applicant.workspace.id],
  );
  const details = { workspace: json.workspace.slug, key: expect.stringMatching(/^key:\d+$/) };
  expect(rows).toEqual([{ subject: `partner:${slug}`, details }]);
});

test("somebody else's partner has no sandbox to open", async () => {
  const other = await aCaller(running);
  await expect(open(freshKey(), other)).rejects.toMatchObject({ code: 'not_found' });
});
