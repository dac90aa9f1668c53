import { identity } from '@magistry/contracts';
import { type ApiCaller, aCaller } from './caller.fixture.js';
import { aPartner, CONTACT, codeOf, install, issueKey, uninstall } from './programme.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

let running: RunningIdentity;
let applicant: ApiCaller;
let shop: ApiCaller;

beforeAll(async () => {
  running = await startIdentity();
});
beforeEach(async () => {
  [applicant, shop] = [await aCaller(running), await aCaller(running)];
});
afterAll(() => running.stop());

const list = async (caller: ApiCaller, query = 'limit=1000') =>
  (await caller.ask(identity.listRegisteredPartners, { query })).json;

test('the registry shows what a partner asks for, and never its contact', async () => {
  const slug = await aPartner(applicant);
  await install(shop, slug, { scopes: ['decisions:read'] });
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
  const slugs = [await aPartner(applicant), await aPartner(applicant), await aPartner(applicant)];
  const seen: string[] = [];
  let page = await list(applicant, 'mine=true&limit=2');
  expect(page.has_more).toBe(true);
  slugs.push(await aPartner(applicant));
  while (true) {
    seen.push(...page.data.map((partner: { slug: string }) => partner.slug));
    if (!page.has_more) break;
    page = await list(applicant, `mine=true&limit=2&cursor=${page.next_cursor}`);
  }
  expect(seen).toEqual(slugs);
  const later = await aPartner(applicant);
  const rest = await list(applicant, `mine=true&cursor=${page.next_cursor}`);
  expect(rest.data).toMatchObject([{ slug: later }]);
  for (const query of ['cursor=cur_x!', 'cursor=', 'limit=0', 'limit=1001', 'mine=false', 'sort=slug']) {
    const refused = applicant.ask(identity.listRegisteredPartners, { query });
    await expect(refused).rejects.toMatchObject({ code: 'validation_failed' });
  }
});

test('a suspended partner is in the registry for its applicant and where it is installed', async () => {
  const slug = await aPartner(applicant);
  await install(shop, slug);
  await running.call(identity.setPartnerStatus, { slug, status: 'suspended', reason: 'a test' });
  const other = await aCaller(running);
  const statusFor = async (caller: ApiCaller) =>
    (await list(caller)).data.find((partner: { slug: string }) => partner.slug === slug)?.status;
  expect(await statusFor(applicant)).toBe('suspended');
  expect(await statusFor(shop)).toBe('suspended');
  expect(await statusFor(other)).toBeUndefined();
  expect(await codeOf(install(other, slug))).toBe('not_found');
  expect(await codeOf(issueKey(applicant, slug))).toBe('access_denied');
  expect((await uninstall(shop, slug)).status).toBe(204);
});
