import { publicOperations } from '../index.js';
import { API_VERSIONS, CURRENT_API_VERSION, VERSION_CHANGES, versionChain } from './published.js';
import { chainOf, eventChainOf } from './version-chain.js';
import type { VersionChange } from './version-change.js';

const words = (value: unknown) => value as string[];

/** A change that notes its name in whatever passes through it. */
function noting(version: string): VersionChange {
  const note = (value: unknown) => [...words(value), version];
  return {
    id: version,
    version,
    description: version,
    operations: {
      both: {
        up: ({ query, body }) => ({ query: `${query}>${version}`, body: note(body) }),
        down: note,
        downRefusal: (extras) => ({ trail: note(extras['trail'] ?? []) }),
        before: {},
      },
      answers: { down: note, before: {} },
    },
    downEvent: note,
  };
}
const changes = ['2027-05-01', '2026-11-01', '2027-11-01'].map(noting);

test('a request climbs from its version to the newest, an answer comes down again', () => {
  const chain = chainOf(changes, 'both', '2026-11-01');
  expect(chain?.up?.({ query: 'q', body: [] })).toEqual({
    query: 'q>2027-05-01>2027-11-01',
    body: ['2027-05-01', '2027-11-01'],
  });
  expect(chain?.down?.([])).toEqual(['2027-11-01', '2027-05-01']);
  expect(chain?.downRefusal?.({})).toEqual({ trail: ['2027-11-01', '2027-05-01'] });
  expect(eventChainOf(changes, '2026-05-01')?.([])).toEqual(['2027-11-01', '2027-05-01', '2026-11-01']);
});

test('what no change touches has no chain, and a side that did not change no function', () => {
  expect(chainOf(changes, 'both', '2027-11-01')).toBeNull();
  expect(chainOf(changes, 'untouched', '2026-05-01')).toBeNull();
  expect(chainOf(changes, 'answers', '2026-05-01')).toMatchObject({ up: undefined, downRefusal: undefined });
});

test('a chain is composed once, and the newest version has none', () => {
  const [oldest] = API_VERSIONS;
  expect(versionChain('decisions.get-decision', oldest)).toBe(versionChain('decisions.get-decision', oldest));
  for (const { name } of publicOperations) expect(versionChain(name, CURRENT_API_VERSION)).toBeNull();
});

test('each published version but the first has changes, each of operations that exist', () => {
  const names = publicOperations.map(({ name }) => name);
  expect([...new Set(VERSION_CHANGES.map(({ version }) => version))].sort()).toEqual(API_VERSIONS.slice(1));
  expect([...API_VERSIONS].sort()).toEqual(API_VERSIONS);
  for (const { operations } of VERSION_CHANGES)
    expect(names).toEqual(expect.arrayContaining(Object.keys(operations)));
});
