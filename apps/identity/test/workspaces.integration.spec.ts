import { identity } from '@magistry/contracts';
import { type RunningIdentity, startIdentity } from './running-identity.js';

let running: RunningIdentity;

beforeAll(async () => {
  running = await startIdentity();
});
afterAll(() => running.stop());

async function create(settings: { name: string; slug?: string; tier?: string }) {
  return (await running.call(identity.createWorkspace, settings)).workspace;
}

test('a workspace gets its slug from its name and the free tier unless told', async () => {
  expect(await create({ name: 'Linen House' })).toMatchObject({ slug: 'linen-house', tier: 'free' });
  expect(await create({ name: 'Linen House', tier: 'enterprise' })).toMatchObject({
    slug: 'linen-house-2',
    tier: 'enterprise',
  });
  expect(await create({ name: 'Linen House', slug: 'linen' })).toMatchObject({ slug: 'linen' });
  expect(await create({ name: 'Linen House' })).toMatchObject({ slug: 'linen-house-3' });
});

test('a slug that is taken is a conflict, also after its workspace was deleted', async () => {
  await create({ name: 'A', slug: 'once' });
  await expect(create({ name: 'B', slug: 'once' })).rejects.toMatchObject({ code: 'conflict' });
  await running.asOwner(`UPDATE workspace SET deleted_at = now() WHERE slug = 'once'`);
  await expect(create({ name: 'B', slug: 'once' })).rejects.toMatchObject({ code: 'conflict' });
  expect(await create({ name: 'Once' })).toMatchObject({ slug: 'once-2' });
});

test('of two concurrent creates of one slug, one is a conflict', async () => {
  const both = ['A', 'B'].map((name) => create({ name, slug: 'raced' }));
  const outcomes = (await Promise.allSettled(both)).map((outcome) =>
    outcome.status === 'fulfilled' ? 'created' : outcome.reason.code,
  );
  expect(outcomes.sort()).toEqual(['conflict', 'created']);
});

test('concurrent creates of one name all get a slug of their own', async () => {
  const created = await Promise.all(Array.from({ length: 12 }, () => create({ name: 'Crowd' })));
  const slugs = new Set(created.map((workspace) => workspace?.slug));
  expect(slugs.size).toBe(12);
  expect([...slugs].every((slug) => /^crowd(-\d+)?$/.test(slug ?? ''))).toBe(true);
});

test('faults are named by field', async () => {
  await expect(create({ name: ' \u0000', slug: '42', tier: 'gold' })).rejects.toMatchObject({
    code: 'validation_failed',
    errors: [{ path: 'name' }, { path: 'slug' }, { path: 'tier' }],
  });
});
