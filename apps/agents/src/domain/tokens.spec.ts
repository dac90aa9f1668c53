import { countTokens } from 'gpt-tokenizer/encoding/cl100k_base';
import { shortened, tokensIn } from './tokens.js';

const WORDS = 'The linen blazer in stone was 129.00 EUR until May. ';

test.each([
  ['words', WORDS.repeat(100)],
  ['JSON', JSON.stringify(Array.from({ length: 200 }, (_, id) => ({ id, sku: `linen-${id}` })))],
  ['nothing', ''],
])('of %s it counts as many tokens as there are, or a few more', (_, text) => {
  const exact = countTokens(text);
  expect(tokensIn(text)).toBeGreaterThanOrEqual(exact);
  expect(tokensIn(text)).toBeLessThanOrEqual(exact * 1.12);
});

test('of a long text it tells within a tenth what counting all of it would', () => {
  const text = WORDS.repeat(20_000);
  expect(tokensIn(text) / countTokens(text)).toBeGreaterThan(0.9);
  expect(tokensIn(text) / countTokens(text)).toBeLessThan(1.13);
});

test.each([
  ['a letter a million times', 'a'.repeat(1_000_000)],
  ['line breaks', '\n '.repeat(500_000)],
  ['Chinese', '漢字仮名交じり文章'.repeat(100_000)],
])('%s costs no time to speak of', (_, text) => {
  const startedAt = process.cpuUsage();
  tokensIn(text);
  expect(process.cpuUsage(startedAt).user / 1_000).toBeLessThan(1_000);
});

test('words that a tokenizer has a meaning for are words', () => {
  expect(tokensIn('<|endoftext|>')).toBeGreaterThan(1);
});

test('a text that is too long keeps its beginning and its end, and tells how much is missing', () => {
  expect(shortened('abcdefghij', 4)).toBe('ab … (6 characters are left out here) … ij');
  expect(shortened('abcd', 4)).toBe('abcd');
});
