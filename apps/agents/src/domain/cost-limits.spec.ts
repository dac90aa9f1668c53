import {
  type CostLimit,
  opensAt,
  refusalOf,
  refusingLimits,
  requireNotLoosened,
  startOf,
  subjectsOf,
  usedAt,
} from './cost-limits.js';

const NOON = new Date('2026-11-24T12:00:00Z');
const ofWorkspace: CostLimit = {
  ...{ workspaceId: 7, id: 1, principalId: null, period: 'day', microsMax: 100 },
  ...{ periodStart: '2026-11-24', usedMicros: 40 },
};
const ofKey: CostLimit = { ...ofWorkspace, id: 2, principalId: 'key:1', microsMax: 50, usedMicros: 20 };
const call = (micros: number, principalId = 'key:1', at = NOON) => ({
  ...{ workspaceId: 7, micros, at },
  spender: { principalId },
});
const CHILD = { principalId: 'key:3', makerIds: ['key:2', 'key:1'] };
const idsOf = (refusing: (CostLimit | undefined)[]) => refusing.map((limit) => limit?.id);

test.each([
  ['day', '2026-11-24T23:59:59.999Z', '2026-11-24', '2026-11-25T00:00:00.000Z'],
  ['day', '2026-12-31T12:00:00.000Z', '2026-12-31', '2027-01-01T00:00:00.000Z'],
  ['month', '2026-12-31T23:59:59.999Z', '2026-12-01', '2027-01-01T00:00:00.000Z'],
  ['month', '2028-02-29T00:00:00.000Z', '2028-02-01', '2028-03-01T00:00:00.000Z'],
] as const)('the %s of %s begins at %s and ends at %s', (period, at, start, end) => {
  expect(startOf(period, new Date(at))).toBe(start);
  expect(opensAt(period, new Date(at)).toISOString()).toBe(end);
});

test('a call that fills a limit to its last micro fits, one micro more does not', () => {
  expect(idsOf(refusingLimits([ofWorkspace], [call(60)]))).toEqual([undefined]);
  expect(idsOf(refusingLimits([ofWorkspace], [call(61)]))).toEqual([1]);
});

test('what one call takes the next has no more; one that is refused takes nothing', () => {
  const calls = [call(30, 'key:2'), call(31), call(30), call(1)];
  expect(idsOf(refusingLimits([ofWorkspace, ofKey], calls))).toEqual([undefined, 1, undefined, 1]);
});

test('the limit of a key holds that key alone, and of one workspace', () => {
  expect(
    idsOf(refusingLimits([ofKey], [call(31), call(31, 'key:2'), { ...call(31), workspaceId: 8 }])),
  ).toEqual([2, undefined, undefined]);
});

test('what a key spends counts for each limit of those that stand behind it, and for the workspace', () => {
  expect(subjectsOf(CHILD)).toEqual(['key:3', 'key:2', 'key:1']);
  const ofChild = { ...call(20), spender: CHILD };
  expect(idsOf(refusingLimits([ofWorkspace, ofKey], [ofChild, call(10), call(1), ofChild]))).toEqual([
    ...[undefined, undefined, 2, 2],
  ]);
});

test('with a new period everything is there again', () => {
  const nextDay = new Date('2026-11-25T00:00:00Z');
  expect(usedAt(ofWorkspace, nextDay)).toBe(0);
  expect(idsOf(refusingLimits([ofWorkspace], [call(100, 'key:1', nextDay)]))).toEqual([undefined]);
  expect(usedAt({ ...ofWorkspace, period: 'month', periodStart: '2026-11-01' }, nextDay)).toBe(40);
});

test('the refusal names the limit and when it opens again', () => {
  expect(refusalOf({ ...ofKey, microsMax: 1_500_000 }, { principalId: 'key:1' }, NOON)).toBe(
    'the daily cost limit of key:1 (1.500000 US dollars) has no room for another model call; it opens again at ' +
      '2026-11-25T00:00:00Z',
  );
});

test('of a maker the refusal tells no more than its name', () => {
  expect(refusalOf({ ...ofKey, microsMax: 1_500_000 }, CHILD, NOON)).toBe(
    'the daily cost limit of key:1 (a maker of key:3) has no room for another model call; it opens again at ' +
      '2026-11-25T00:00:00Z',
  );
});

test.each([
  ['of itself', { ...ofKey, principalId: 'key:3' }],
  ['of its maker', { ...ofKey, principalId: 'key:2' }],
  ['of the maker of its maker', ofKey],
])('a key lowers a limit %s and sets one where there is none; it neither raises nor lifts it', (_, limit) => {
  const change = (before: number | null, after: number | null) => () =>
    requireNotLoosened(limit, before, after, CHILD);
  for (const [before, after] of [
    [50, 50],
    [50, 0],
    [null, 70],
  ] as const)
    expect(change(before, after)).not.toThrow();
  for (const after of [51, null])
    expect(change(50, after)).toThrow(`What key:3 spends counts for this limit, of ${limit.principalId}:`);
});

test('the workspace’s limit, that of another key and that of a key made by it may be loosened', () => {
  for (const limit of [ofWorkspace, { ...ofKey, principalId: 'key:4' }])
    expect(() => requireNotLoosened(limit, 50, null, CHILD)).not.toThrow();
  expect(() =>
    requireNotLoosened({ ...ofKey, principalId: 'key:3' }, 50, null, { principalId: 'key:1' }),
  ).not.toThrow();
});
