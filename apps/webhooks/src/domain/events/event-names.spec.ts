import fc from 'fast-check';
import { isPlatformType, normaliseEvents, subscribes } from './event-names.js';

const word = fc.constantFrom('post', 'page', 'a', 'b_2', 'created', 'deleted');
const type = fc.tuple(word, word).map(([noun, verb]) => `${noun}.${verb}`);
const name = fc.oneof(
  type,
  word.map((noun) => `${noun}.*`),
  fc.constant('*'),
);

/** As slowly and plainly as it can be said. */
function naivelySubscribes(names: readonly string[], asked: string): boolean {
  return names.some((one) => new RegExp(`^${one.replace('.', '\\.').replace('*', '.*')}$`).test(asked));
}

test('a normalised set lets through exactly what the set as given does', () => {
  fc.assert(
    fc.property(fc.array(name, { minLength: 1 }), type, (names, asked) => {
      const normalised = normaliseEvents(names);
      expect(subscribes(normalised, asked)).toBe(naivelySubscribes(names, asked));
    }),
  );
});

test('no name of a normalised set is there twice or covered by another, and the order is the one given', () => {
  fc.assert(
    fc.property(fc.array(name, { minLength: 1 }), (names) => {
      const normalised = normaliseEvents(names);
      expect(normalised.length).toBeGreaterThan(0);
      expect(normaliseEvents(normalised)).toEqual(normalised);
      for (const one of normalised) {
        const others = normalised.filter((other) => other !== one);
        expect(naivelySubscribes(others, one.replace('*', 'anything'))).toBe(false);
      }
      expect([...new Set(names)].filter((one) => normalised.includes(one))).toEqual(normalised);
    }),
  );
});

test.each([
  '',
  '**',
  'post',
  'post.',
  '.created',
  'post.created.twice',
  'Post.created',
  '*.created',
  'po*.x',
  'post.*x',
])('%j is refused and named by its place', (bad) => {
  expect(() => normaliseEvents(['post.created', bad])).toThrow(
    expect.objectContaining({
      code: 'validation_failed',
      errors: [expect.objectContaining({ path: 'events[1]' })],
    }),
  );
});

test('kinds of the platform are told from those of a workspace by their noun alone', () => {
  expect(isPlatformType('decision.exploded')).toBe(true);
  expect(isPlatformType('decisions.applied')).toBe(false);
});
