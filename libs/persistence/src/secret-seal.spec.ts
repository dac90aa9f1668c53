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

describe('while a secret is rotated', () => {
  const [older, newer, stranger] = ['older', 'newer', 'stranger'].map(
    (name) => `the ${name} secret, long enough`,
  );
  const sealOf = (secret = '', other?: string) => new SecretSeal(secret, 'tests', other);
  const rotating = sealOf(newer, older);

  test.each([
    ['the secret that seals now', newer, true],
    ['the other one', older, false],
  ])('it opens what was sealed under %s, and tells which it was', (_name, secret, isOwn) => {
    const sealed = sealOf(secret).seal('endpoint:7', 'whsec_secret');
    expect(rotating.open('endpoint:7', sealed).toString()).toBe('whsec_secret');
    expect(rotating.isOwn('endpoint:7', sealed)).toBe(isOwn);
  });

  test('what it seals opens without the other one', () => {
    const sealed = rotating.seal('endpoint:7', 'whsec_secret');
    expect(sealOf(newer).open('endpoint:7', sealed).toString()).toBe('whsec_secret');
    expect(() => sealOf(older).open('endpoint:7', sealed)).toThrow();
  });

  test('it opens nothing of a third one, nor of another place', () => {
    expect(() => rotating.open('endpoint:7', sealOf(stranger).seal('endpoint:7', 'x'))).toThrow();
    expect(() => rotating.open('endpoint:8', sealOf(older).seal('endpoint:7', 'x'))).toThrow();
  });
});
