import { identity } from '@magistry/contracts';
import { type ApiCaller, aCaller, freshKey } from './caller.fixture.js';
import { aPartner, applicationOf, apply, CONTACT, codeOf } from './programme.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

let running: RunningIdentity;
let applicant: ApiCaller;

beforeAll(async () => {
  running = await startIdentity();
});
beforeEach(async () => {
  applicant = await aCaller(running);
});
afterAll(() => running.stop());

test('whoever applies is approved at once, and a retry is answered with the same bytes', async () => {
  const body = applicationOf();
  const key = freshKey();
  const told = await Promise.all(Array.from({ length: 4 }, () => apply(applicant, body, key)));
  expect(told.map(({ status, text }) => ({ status, text }))).toEqual(
    told.map(() => ({ status: 201, text: JSON.stringify({ slug: body.slug, status: 'approved' }) })),
  );
});

test('of two applicants with one slug one gets it, and the other is told to choose another', async () => {
  const other = await aCaller(running);
  const body = applicationOf();
  const outcomes = await Promise.all(
    [applicant, other, applicant, other].map((caller) => codeOf(apply(caller, body))),
  );
  expect(outcomes.sort()).toEqual(['conflict', 'conflict', 'conflict', 'done']);
});

test('a slug that looks like another is taken too, also for operators', async () => {
  const slug = await aPartner(applicant, { slug: 'modern-tool' });
  expect(slug).toBe('modern-tool');
  for (const lookAlike of ['m0dern-tool', 'moderntool', 'modern-too1', 'rnodem-tool']) {
    expect(await codeOf(apply(applicant, applicationOf({ slug: lookAlike })))).toBe('conflict');
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
  const refused = apply(applicant, applicationOf({ name, slug }));
  await expect(refused).rejects.toMatchObject({ code: 'validation_failed', errors: [{ path: 'slug' }] });
});

test('without a slug the name gives one that is free and looks like no other', async () => {
  const slugs = [];
  for (let round = 0; round < 6; round += 1) {
    slugs.push(await aPartner(applicant, { name: 'Wave Sync', slug: undefined }));
  }
  expect(slugs).toEqual(['wave-sync', ...[2, 3, 4, 5, 6].map((number) => `wave-sync-${number}`)]);
});

test('every fault of an application is named', async () => {
  const body = applicationOf({ slug: 'A B', contact_email: 'nobody', scopes: ['Planner Write'] });
  await expect(apply(applicant, body)).rejects.toMatchObject({
    errors: [{ path: 'slug' }, { path: 'contact_email' }, { path: 'scopes[0]' }],
  });
  expect(await codeOf(apply(applicant, { ...applicationOf(), extra: 1 }))).toBe('validation_failed');
});
