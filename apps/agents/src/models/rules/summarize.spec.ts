import { summaryOf } from './summarize.js';

const REPORT = `# Linen in spring

Linen sold well in spring. Customers ordered linen blazers and linen shirts more
often than in any year before. It rained on Tuesday. The price of linen rose by
two euros, and customers paid it. Our office has a new coffee machine.

- Wool sold less than linen.
- Someone left an umbrella behind.`;

test('a summary has the sentences that speak of what the text speaks of, in their order', () => {
  expect(summaryOf(REPORT)).toEqual([
    'Linen sold well in spring.',
    'Customers ordered linen blazers and linen shirts more often than in any year before.',
  ]);
});

test('the same text always has the same summary', () => {
  expect(summaryOf(REPORT)).toEqual(summaryOf(REPORT));
});

test.each([
  ['', []],
  ['... 42 ...', []],
  ['One sentence alone.', ['One sentence alone.']],
])('of %j it is %j', (text, summary) => {
  expect(summaryOf(text)).toEqual(summary);
});

test('a text of 200,000 words has a short summary, and has it soon', () => {
  const startedAt = process.cpuUsage();
  const text = Array.from(
    { length: 20_000 },
    (_, index) => `Sentence ${index} speaks of linen and of wool here.`,
  );
  expect(summaryOf(text.join(' ')).length).toBe(6);
  expect(process.cpuUsage(startedAt).user / 1_000).toBeLessThan(5_000);
});
