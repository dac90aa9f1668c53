import { setTimeout as pause } from 'node:timers/promises';
import { mintApiKey } from '@magistry/access';
import { identity } from '@magistry/contracts';
import { type ApiCaller, aCaller, freshKey } from './caller.fixture.js';
import { aPartner, aWorkspace } from './identity.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

let running: RunningIdentity;
let caller: ApiCaller;

beforeAll(async () => {
  running = await startIdentity();
  caller = await aCaller(running, 'enterprise');
});
afterAll(() => running.stop());

interface Recorded {
  readonly workspace_id: number | null;
  readonly action: string;
  readonly actor: string;
  readonly subject: string;
  readonly details: Record<string, unknown>;
  readonly request_id: string;
}

async function recorded(workspaceId: number): Promise<Recorded[]> {
  const sql = 'SELECT * FROM audit_outbox WHERE workspace_id = $1 ORDER BY number';
  return (await running.asOwner(sql, [workspaceId])).rows;
}

const since = async (before: Recorded[]) => (await recorded(caller.workspace.id)).slice(before.length);

test('the life of a key is told: who, which key, what it may do, and never the key', async () => {
  const before = await recorded(caller.workspace.id);
  const body = { name: 'site', scopes: ['decisions:read'] };
  const { json: made } = await caller.ask(identity.issueApiKey, { body, key: freshKey() });
  const { id, key } = made.data;
  const rotating = { params: { id: String(id) }, body: {}, key: freshKey() };
  const { json: turned } = await caller.ask(identity.rotateApiKey, rotating);
  const successor = turned.data.id;
  await caller.ask(identity.revokeApiKey, { params: { id: String(successor) }, key: freshKey() });
  const told = await since(before);
  expect(told).toMatchObject([
    { action: 'api_key.created', actor: caller.principalId, subject: `key:${id}`, details: body },
    { action: 'api_key.rotated', subject: `key:${id}`, details: { successor: `key:${successor}` } },
    { action: 'api_key.revoked', subject: `key:${successor}`, details: { name: 'site' } },
  ]);
  expect(told[0]?.request_id).toMatch(/^req_/);
  for (const secret of [key, turned.data.key]) {
    const [, , , hidden] = secret.split('_');
    expect(JSON.stringify(told)).not.toContain(hidden);
  }
});

test('a retry under the same key and a refusal tell nothing more', async () => {
  const before = await recorded(caller.workspace.id);
  const key = freshKey();
  const once = { body: { name: 'once', scopes: ['read'] }, key };
  await caller.ask(identity.issueApiKey, once);
  await caller.ask(identity.issueApiKey, once);
  const unknown = { params: { id: '2000000000' }, key: freshKey() };
  await expect(caller.ask(identity.revokeApiKey, unknown)).rejects.toMatchObject({ code: 'not_found' });
  expect((await since(before)).map(({ action }) => action)).toEqual(['api_key.created']);
});

test('fifty changes at once are fifty entries, and wait for each other no longer than their keys do', async () => {
  const before = await recorded(caller.workspace.id);
  const names = Array.from({ length: 50 }, (_, at) => `at once ${at}`);
  await Promise.all(
    names.map((name) =>
      caller.ask(identity.issueApiKey, { body: { name, scopes: ['read'] }, key: freshKey() }),
    ),
  );
  const told = await since(before);
  expect(told.map(({ details }) => details['name']).sort()).toEqual([...names].sort());
});

test('a workspace made by API is told where its maker acts; its end too', async () => {
  const before = await recorded(caller.workspace.id);
  const { json } = await caller.ask(identity.openWorkspace, { body: { name: 'Second' }, key: freshKey() });
  const { id, slug } = json.data;
  const params = { id: String(id) };
  await caller.ask(identity.updateWorkspace, { params, body: { name: 'Third' }, key: freshKey() });
  await caller.ask(identity.deleteWorkspace, { params, key: freshKey() });
  const subject = `workspace:${id}`;
  expect(await since(before)).toMatchObject([
    { action: 'workspace.created', subject, details: { name: 'Second', slug } },
    { action: 'workspace.updated', subject, details: { changed: ['name'] } },
    { action: 'workspace.deleted', subject, details: { slug } },
  ]);
});

test('what operators do is told once, in the workspace that it concerns', async () => {
  const { id: workspaceId, slug } = await aWorkspace(running, { tier: 'pro' });
  const { id } = await running.call(identity.createApiKey, { workspaceId, name: 'Key' });
  await running.call(identity.setWorkspaceTier, { workspaceId, tier: 'agency' });
  await running.call(identity.revokeWorkspaceKey, { id });
  await running.call(identity.revokeWorkspaceKey, { id });
  expect(await recorded(workspaceId)).toMatchObject([
    { action: 'workspace.created', actor: 'system:test', details: { slug, tier: 'pro' } },
    { action: 'api_key.created', subject: `key:${id}` },
    { action: 'workspace.tier_changed', details: { from: 'pro', to: 'agency' } },
    { action: 'api_key.revoked', subject: `key:${id}` },
  ]);
});

test('a key that is tried and opens nothing is told once, however often, and a made-up one never', async () => {
  const { id: workspaceId } = await aWorkspace(running, { tier: 'pro' });
  const { id, key } = await running.call(identity.createApiKey, { workspaceId, name: 'Key' });
  await running.call(identity.revokeWorkspaceKey, { id });
  const attempts = Array.from({ length: 20 }, () =>
    running.call(identity.resolveCredential, { credential: key }),
  );
  for (const { status } of await Promise.allSettled(attempts)) expect(status).toBe('rejected');
  const unknown = running.call(identity.resolveCredential, { credential: mintApiKey('sk_live').credential });
  await expect(unknown).rejects.toMatchObject({ code: 'unauthorized' });
  const refusals = async () =>
    (await recorded(workspaceId)).filter(({ action }) => action === 'credential.refused');
  // Nobody waits for the entry; a second one would have come with it.
  const endsAt = performance.now() + 3_000;
  while ((await refusals()).length === 0 && performance.now() < endsAt) await pause(20);
  expect(await refusals()).toMatchObject([
    { subject: `key:${id}`, details: { reason: 'revoked', refusals: 1 } },
  ]);
});

test('a partner is told of at its applicant, and its install at the workspace that admits it', async () => {
  const { slug, workspaces } = await aPartner(running);
  const [admitting] = workspaces;
  const subject = `partner:${slug}`;
  const told = await recorded(admitting?.id ?? 0);
  expect(told.at(-1)).toMatchObject({ action: 'partner.installed', subject });
  const status = (to: string, reason = '') =>
    running.call(identity.setPartnerStatus, { slug, status: to, reason });
  await status('suspended', 'floods us');
  await status('suspended', 'again');
  await status('approved');
  const sql = 'SELECT action, details FROM audit_outbox WHERE subject = $1 ORDER BY number';
  const { rows } = await running.asOwner(sql, [subject]);
  expect(rows.map(({ action }) => action)).toEqual([
    'partner.created',
    'partner.key_created',
    'partner.installed',
    'partner.suspended',
    'partner.approved',
  ]);
  expect(rows[3].details).toEqual({ reason: 'floods us' });
});
