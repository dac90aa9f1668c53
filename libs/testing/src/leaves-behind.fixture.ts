import { isAnswered, startBareService } from './readiness.fixture.js';

/** Run by `leavings.integration.spec.ts`: what it starts, it does not stop. */

beforeAll(async () => {
  await startBareService('begun-by-the-file');
});

test('fails half-way', async () => {
  await startBareService('begun-by-the-failed');
  expect(await isAnswered('begun-by-the-failed')).toBe(true);
  throw new Error('half-way');
});

test('finds what the failed test has begun gone, and the rest there', async () => {
  expect(await isAnswered('begun-by-the-failed')).toBe(false);
  expect(await isAnswered('begun-by-the-file')).toBe(true);
});

test('leaves what others go on with', async () => {
  await startBareService('begun-for-others');
});

test('goes on with it', async () => {
  expect(await isAnswered('begun-for-others')).toBe(true);
});

test('is given less time than its start takes', async () => {
  await new Promise((resolve) => setTimeout(resolve, 200));
  await startBareService('begun-too-late');
}, 100);

describe('a group', () => {
  beforeAll(async () => {
    await startBareService('begun-by-the-group');
    throw new Error('before the first test');
  });
  test('does not come to its test', () => undefined);
});
