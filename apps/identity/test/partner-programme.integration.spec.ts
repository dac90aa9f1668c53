import { parseApiKey } from '@magistry/access';
import { identity } from '@magistry/contracts';
import { type ApiCaller, aCaller, freshKey } from './caller.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

const CONTACT = 'somebody@tool.example';

let running: RunningIdentity;
let applicant: ApiCaller;
let shop: ApiCaller;
let count = 0;

beforeAll(async () => {
  running = await startIdentity();
});
beforeEach(async () => {
  [applicant, shop] = [await aCaller(running), await aCaller(running)];
});
afterAll(() => running.stop());

const uniqueSlug = () => `maker-${'abcdefghj'[count++ % 9]}-${freshKey()}`.slice(0, 60).replace(/-$/, '');
const requestOf = (changes: object = {}) => ({
  name: 'Tool',
  slug: uniqueSlug(),
  contact_email: CONTACT,
  description: 'Proposes prices.',
  scopes: ['planner:write', 'decisions:read'],
  ...changes,
});
const apply = (body: object, key = freshKey(), caller = applicant) =>
  caller.ask(identity.applyAsPartner, { body, key });
const install = (slug: string, body: object = {}, caller = shop, key = freshKey()) =>
  caller.ask(identity.admitPartner, { params: { slug }, body, key });
const uninstall = (slug: string, caller = shop, key = freshKey()) =>
  caller.ask(identity.uninstallPartner, { params: { slug }, key });
const issue = (slug: string, key = freshKey(), caller = applicant) =>
  caller.ask(identity.issuePartnerKey, { params: { slug }, key });
const list = async (caller: ApiCaller, query = 'limit=1000') =>
  (await caller.ask(identity.listRegisteredPartners, { query })).json;
const codeOf = (work: Promise<unknown>) => work.then(() => 'done').catch((error) => error.code as string);
const resolve = (credential: string) => running.call(identity.resolveCredential, { credential });

async function aPartner(changes: object = {}): Promise<string> {
  return (await apply(requestOf(changes))).json.slug;
}

test('whoever applies is approved at once, and a retry is answered with the same bytes', async () => {
  const body = requestOf();
  const key = freshKey();
  const told = await Promise.all(Array.from({ length: 4 }, () => apply(body, key)));
  expect(told.map(({ status, text }) => ({ status, text }))).toEqual(
    told.map(() => ({ status: 201, text: JSON.stringify({ slug: body.slug, status: 'approved' }) })),
  );
});

test('of two applicants with one slug one gets it, and the other is told to choose another', async () => {
  const other = await aCaller(running);
  const body = requestOf();
  const outcomes = await Promise.all(
    [applicant, other, applicant, other].map((caller) => codeOf(apply(body, freshKey(), caller))),
  );
  expect(outcomes.sort()).toEqual(['conflict', 'conflict', 'conflict', 'done']);
});

test('a slug that looks like another is taken too, also for operators', async () => {
  const slug = await aPartner({ slug: 'modern-tool' });
  expect(slug).toBe('modern-tool');
  for (const lookAlike of ['m0dern-tool', 'moderntool', 'modern-too1', 'rnodem-tool']) {
    expect(await codeOf(apply(requestOf({ slug: lookAlike })))).toBe('conflict');
  }
  const { workspace } = applicant;
  const asOperator = { name: 'A', slug: 'modem-tool', contactEmail: CONTACT, scopes: ['read'] };
  const made = running.call(identity.createPartner, { ...asOperator, workspaceId: workspace.id });
  await expect(made).rejects.toMatchObject({ code: 'conflict' });
});

test.each([
  ['Research', '../../v1/killswitch'],
  ['Research', "a'; DROP TABLE partner; --"],
  ['Research', 'Researсh'],
  ['Research', '42'],
  ['Research', 'a--b'],
  ['Research', 'magistry'],
  ['Research', 'mag1stry-support'],
  ['Magistry', undefined],
])('%s as %j is refused with its reason', async (name, slug) => {
  const refused = apply(requestOf({ name, slug }));
  await expect(refused).rejects.toMatchObject({ code: 'validation_failed', errors: [{ path: 'slug' }] });
});

test('without a slug the name gives one that is free and looks like no other', async () => {
  const slugs = [];
  for (let round = 0; round < 6; round += 1) {
    slugs.push(await aPartner({ name: 'Wave Sync', slug: undefined }));
  }
  expect(slugs).toEqual(['wave-sync', ...[2, 3, 4, 5, 6].map((number) => `wave-sync-${number}`)]);
});

test('every fault of an application is named', async () => {
  const body = requestOf({ slug: 'A B', contact_email: 'nobody', scopes: ['Planner Write'] });
  await expect(apply(body)).rejects.toMatchObject({
    errors: [{ path: 'slug' }, { path: 'contact_email' }, { path: 'scopes[0]' }],
  });
  expect(await codeOf(apply({ ...requestOf(), extra: 1 }))).toBe('validation_failed');
});

test('the registry shows what a partner asks for, and never its contact', async () => {
  const slug = await aPartner();
  await install(slug, { scopes: ['decisions:read'] });
  const [row] = (await list(shop)).data.filter((partner: { slug: string }) => partner.slug === slug);
  expect(row).toEqual({
    slug,
    name: 'Tool',
    description: 'Proposes prices.',
    scopes: ['planner:write', 'decisions:read'],
    status: 'approved',
    installed_scopes: ['decisions:read'],
    created_at: expect.stringMatching(/Z$/),
  });
  expect(JSON.stringify(await list(shop))).not.toContain(CONTACT);
  const slugsOf = async (caller: ApiCaller, query: string) =>
    (await list(caller, query)).data.map((partner: { slug: string }) => partner.slug);
  expect(await slugsOf(applicant, 'mine=true')).toEqual([slug]);
  expect(await slugsOf(shop, 'mine=true')).toEqual([]);
  expect(await slugsOf(shop, 'installed=true')).toEqual([slug]);
  expect(await slugsOf(applicant, 'installed=true')).toEqual([]);
});

test('the registry is read by cursor, each partner once, also while others apply', async () => {
  const slugs = [await aPartner(), await aPartner(), await aPartner()];
  const seen: string[] = [];
  let page = await list(applicant, 'mine=true&limit=2');
  expect(page.has_more).toBe(true);
  slugs.push(await aPartner());
  while (true) {
    seen.push(...page.data.map((partner: { slug: string }) => partner.slug));
    if (!page.has_more) break;
    page = await list(applicant, `mine=true&limit=2&cursor=${page.next_cursor}`);
  }
  expect(seen).toEqual(slugs);
  const later = await aPartner();
  const rest = await list(applicant, `mine=true&cursor=${page.next_cursor}`);
  expect(rest.data).toMatchObject([{ slug: later }]);
  for (const query of ['cursor=cur_x!', 'cursor=', 'limit=0', 'limit=1001', 'mine=false', 'sort=slug']) {
    const refused = applicant.ask(identity.listRegisteredPartners, { query });
    await expect(refused).rejects.toMatchObject({ code: 'validation_failed' });
  }
});

test('a suspended partner is in the registry for its applicant and where it is installed', async () => {
  const slug = await aPartner();
  await install(slug);
  await running.call(identity.setPartnerStatus, { slug, status: 'suspended', reason: 'a test' });
  const other = await aCaller(running);
  const statusFor = async (caller: ApiCaller) =>
    (await list(caller)).data.find((partner: { slug: string }) => partner.slug === slug)?.status;
  expect(await statusFor(applicant)).toBe('suspended');
  expect(await statusFor(shop)).toBe('suspended');
  expect(await statusFor(other)).toBeUndefined();
  expect(await codeOf(install(slug, {}, other))).toBe('not_found');
  expect(await codeOf(issue(slug))).toBe('access_denied');
  expect((await uninstall(slug)).status).toBe(204);
});

test("a live key is the partner's wherever it is installed, and shown to its maker's retries alone", async () => {
  const slug = await aPartner();
  const key = freshKey();
  const first = await issue(slug, key);
  expect(first).toMatchObject({
    status: 201,
    json: { id: expect.any(Number), created_at: expect.any(String) },
  });
  expect(parseApiKey(first.json.api_key)?.prefix).toBe('mag_live_partner');
  const again = await issue(slug, key);
  expect([again.text, again.headers['Idempotent-Replayed']]).toEqual([first.text, 'true']);
  const colleague = await issue(slug, key, applicant.as({ principalId: 'key:999999' }));
  expect(colleague.json.api_key).not.toBe(first.json.api_key);
  await install(slug, { scopes: ['decisions:read'] });
  const { id, slug: shopSlug } = shop.workspace;
  expect(await resolve(first.json.api_key)).toMatchObject({
    principalId: `partner:${slug}`,
    actor: `partner:${slug}`,
    scopes: ['decisions:read'],
    workspace: { id, slug: shopSlug },
  });
});

test('nobody but its applicant makes keys of a partner', async () => {
  const slug = await aPartner();
  await install(slug);
  for (const caller of [shop, await aCaller(running)]) {
    expect(await codeOf(issue(slug, freshKey(), caller))).toBe('not_found');
  }
  expect(await codeOf(issue('nobody'))).toBe('not_found');
  const { rows } = await running.asOwner(
    'SELECT k.id FROM api_key k JOIN partner p ON p.id = k.partner_id WHERE p.slug = $1',
    [slug],
  );
  expect(rows).toEqual([]);
});

test('an install grants what was asked for or less, and never what its admitter does not hold', async () => {
  const slug = await aPartner();
  expect((await install(slug)).json).toMatchObject({ slug, scopes: ['planner:write', 'decisions:read'] });
  expect((await install(slug, { scopes: ['decisions:read'] })).json.scopes).toEqual(['decisions:read']);
  await expect(install(slug, { scopes: ['killswitch:write'] })).rejects.toMatchObject({
    code: 'validation_failed',
    errors: [{ path: 'scopes', code: 'scope_not_asked' }],
  });
  const weak = shop.as({ scopes: ['partners:write', 'decisions:read'] });
  expect(await codeOf(install(slug, {}, weak))).toBe('access_denied');
  expect((await install(slug, { scopes: ['decisions:read'] }, weak)).status).toBe(201);
  expect(await codeOf(install('nobody'))).toBe('not_found');
  const { rows } = await running.asOwner(
    'SELECT scopes FROM partner_install WHERE workspace_id = $1 AND uninstalled_at IS NULL',
    [shop.workspace.id],
  );
  expect(rows).toEqual([{ scopes: ['decisions:read'] }]);
});

test('what is uninstalled is gone for the partner, again and again, and may be installed anew', async () => {
  const slug = await aPartner();
  const { api_key } = (await issue(slug)).json;
  await install(slug);
  const selector = shop.workspace.slug;
  const reach = () => running.call(identity.resolveWorkspace, { principalId: `partner:${slug}`, selector });
  expect((await reach()).workspace?.id).toBe(shop.workspace.id);
  const { epoch: before } = await running.call(identity.getCredentialEpoch, {});
  const key = freshKey();
  expect((await uninstall(slug, shop, key)).status).toBe(204);
  expect((await running.call(identity.getCredentialEpoch, {})).epoch).toBeGreaterThan(before);
  await expect(reach()).rejects.toMatchObject({ code: 'not_found' });
  expect((await resolve(api_key)).workspace).toBeUndefined();
  expect((await uninstall(slug)).status).toBe(204);
  await install(slug, { scopes: ['decisions:read'] });
  expect((await reach()).scopes).toEqual(['decisions:read']);
  expect((await uninstall(slug, shop, key)).headers['Idempotent-Replayed']).toBe('true');
  expect((await reach()).workspace?.id).toBe(shop.workspace.id);
  expect(await codeOf(uninstall('nobody'))).toBe('not_found');
});

test('uninstalling in one workspace leaves the others alone', async () => {
  const slug = await aPartner();
  const { api_key } = (await issue(slug)).json;
  await install(slug);
  await install(slug, {}, applicant);
  expect((await resolve(api_key)).workspace).toBeUndefined();
  await uninstall(slug);
  expect((await resolve(api_key)).workspace?.id).toBe(applicant.workspace.id);
});

test('what becomes of a partner stands in the audit log of the workspace where it was done, once', async () => {
  const slug = await aPartner();
  const key = freshKey();
  const [issued] = [await issue(slug, key), await issue(slug, key)];
  await install(slug, { scopes: ['decisions:read'] });
  await uninstall(slug);
  await uninstall(slug);
  const told = async ({ workspace, principalId }: ApiCaller) => {
    const { rows } = await running.asOwner(
      `SELECT action, subject, details FROM audit_outbox
       WHERE workspace_id = $1 AND actor = $2 ORDER BY occurred_at, event_id`,
      [workspace.id, principalId],
    );
    return rows;
  };
  const subject = `partner:${slug}`;
  const scopes = ['planner:write', 'decisions:read'];
  expect(await told(applicant)).toEqual([
    { action: 'partner.created', subject, details: { name: 'Tool', scopes } },
    { action: 'partner.key_created', subject, details: { key: `key:${issued?.json.id}` } },
  ]);
  expect(await told(shop)).toEqual([
    { action: 'partner.installed', subject, details: { scopes: ['decisions:read'] } },
    { action: 'partner.uninstalled', subject, details: {} },
  ]);
});

test('a partner ends with the workspace that applied for it', async () => {
  const slug = await aPartner();
  const { api_key } = (await issue(slug)).json;
  await install(slug);
  await applicant.ask(identity.deleteWorkspace, {
    params: { id: String(applicant.workspace.id) },
    key: freshKey(),
  });
  await expect(resolve(api_key)).rejects.toMatchObject({ code: 'unauthorized' });
});
