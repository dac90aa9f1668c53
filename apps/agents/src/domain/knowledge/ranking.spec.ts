import { quantized, similarity } from './embedding.js';
import { queryOf } from './query.js';
import { type Candidate, fused } from './ranking.js';

const candidate = (place: number, wordRank: number, near: number | null): Candidate => ({
  ...{ documentId: 1, place, wordRank },
  similarity: near,
});
const places = (candidates: readonly Candidate[]) => fused(candidates).map(({ place }) => place);

test.each<[string, Candidate[], number[]]>([
  ['what is first in both lists', [candidate(1, 0.1, 0.4), candidate(2, 0.5, 0.9)], [2, 1]],
  ['what is in both lists before what leads one', [candidate(1, 0.9, 0.1), candidate(2, 0.1, 0.4)], [2, 1]],
  [
    'what leads by its words and is not embedded yet before what looks alike and is',
    [candidate(1, 0.9, null), candidate(2, 0.3, 0.9), candidate(3, 0.2, 0.8), candidate(4, 0.1, 0.7)],
    [1, 2, 3, 4],
  ],
  [
    'what is first in both lists before what has fewer of the words and is not embedded yet',
    [candidate(1, 0.1, null), candidate(2, 0.9, 0.9)],
    [2, 1],
  ],
  ['what has no embedding yet by its words', [candidate(1, 0.1, null), candidate(2, 0.2, null)], [2, 1]],
  ['what has none of the words by its meaning', [candidate(1, 0, 0.5), candidate(2, 0, 0.6)], [2, 1]],
  ['equals in the order of their document', [candidate(2, 0.1, 0.1), candidate(1, 0, 0.5)], [1, 2]],
  ['nothing that fits neither way', [candidate(1, 0, 0.1), candidate(2, 0, null)], []],
])('the fusion ranks %s', (_, candidates, expected) => {
  expect(places(candidates)).toEqual(expected);
});

test('signed bytes lose next to nothing of a cosine', () => {
  const one = Array.from({ length: 512 }, (_, axis) => Math.sin(axis * 12.9898));
  const other = one.map((value, axis) => value + Math.cos(axis * 78.233));
  const length = (values: readonly number[]) => Math.hypot(...values);
  const product = one.reduce((sum, value, axis) => sum + value * (other[axis] ?? 0), 0);
  const exact = product / (length(one) * length(other));
  expect(similarity(quantized(one), quantized(other))).toBeCloseTo(exact, 2);
  expect(similarity(quantized(one), quantized(one))).toBeCloseTo(1, 5);
});

test('a direction that leads nowhere is near nothing', () => {
  expect(similarity(quantized([0, 0]), quantized([1, 0]))).toBe(0);
});

test.each([
  ['What is "this" or -that?', 'what or is or this or that'],
  ["The shop's e-mail: 3.50 EUR!", "the or shop's or e-mail or 3.50 or eur"],
  ['OR or oR', ''],
  ['😀 ?!', ''],
])('the question %j is asked as %j', (question, query) => {
  expect(queryOf(question)).toBe(query);
});
