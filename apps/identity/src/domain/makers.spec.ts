import { MAKERS_MAX, makersOf } from './makers.js';

const made = (id: string, ...makerIds: string[]) => ({ id, makerIds });
const KEYS = Array.from({ length: MAKERS_MAX }, (_, nth) => `key:${nth + 1}`);

test.each([
  ['a key: itself, and who made it', made('key:2', 'key:1'), ['key:2', 'key:1']],
  ['a service credential', made('svc_1', 'key:1'), ['svc_1', 'key:1']],
  ['an application', made('client:shop'), ['client:shop']],
  ['a person: nobody', made('user:1'), []],
  ['the platform: nobody', made('system:operator/alice'), []],
  [
    'a service that was asked by a key: that key',
    made('system:agents', 'key:2', 'key:1'),
    ['key:2', 'key:1'],
  ],
])('behind what is made stands, asked by %s', (_, asker, makers) => {
  expect(makersOf(asker)).toEqual(makers);
});

test('who turns its own key over changes nothing about who stands behind it', () => {
  expect(makersOf(made('key:2', 'key:1'), made('key:2', 'key:1'))).toEqual(['key:1']);
});

test('who turns over the key of another stands behind it besides its makers, each of them once', () => {
  const makers = makersOf(made('key:3', 'key:1'), made('key:2', 'key:1'));
  expect(makers).toEqual(['key:1', 'key:3']);
});

test('a maker that turns over a key which it made changes nothing', () => {
  expect(makersOf(made('key:1'), made('key:2', 'key:1'))).toEqual(['key:1']);
});

test('as many as may stand behind a credential make no other, and turn over what is theirs', () => {
  const [last = '', ...before] = KEYS;
  expect(makersOf(made(last, ...before))).toHaveLength(MAKERS_MAX);
  expect(() => makersOf(made('key:9', ...KEYS))).toThrow(
    'More than 8 credentials would stand behind this one',
  );
  expect(makersOf(made('key:9', ...KEYS), made('key:9', ...KEYS))).toEqual(KEYS);
});
