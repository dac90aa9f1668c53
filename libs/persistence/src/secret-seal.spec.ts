import { SecretSeal } from './secret-seal.js';

const seal = new SecretSeal('a sealing secret of a test, long enough', 'tests');

test('a sealed secret opens in its place and shows nothing of itself', () => {
  const sealed = seal.seal('endpoint:7', 'whsec_secret');
  expect(sealed.includes('whsec')).toBe(false);
  expect(seal.open('endpoint:7', sealed).toString()).toBe('whsec_secret');
});

test('it opens neither for another endpoint, nor under another key, nor once changed', () => {
  const sealed = seal.seal('endpoint:7', 'whsec_secret');
  expect(() => seal.open('endpoint:8', sealed)).toThrow();
  expect(() =>
    new SecretSeal('another sealing secret, long enough', 'tests').open('endpoint:7', sealed),
  ).toThrow();
  expect(() =>
    new SecretSeal('a sealing secret of a test, long enough', 'others').open('endpoint:7', sealed),
  ).toThrow();
  sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
  expect(() => seal.open('endpoint:7', sealed)).toThrow();
});
