import { affordableTokens, costMicros, reservedMicros } from './prices.js';

const price = { version: 'v', promptMicros: 2, completionMicros: 10 };
const prompt = 'x'.repeat(30);
const wish = (completionTokensMax: number, images: readonly unknown[] = []) => ({
  completionTokensMax,
  images,
});

test('an answer may be as long as the money beside its prompt allows, and no longer than its maximum', () => {
  expect(affordableTokens(price, prompt, wish(100), 10_000)).toBe(100);
  expect(affordableTokens(price, prompt, wish(100), 120)).toBe(10);
  expect(affordableTokens(price, prompt, wish(5), 120)).toBe(5);
  expect(affordableTokens(price, prompt, wish(100), 29)).toBeLessThanOrEqual(0);
});

test('images are a part of the prompt', () => {
  expect(affordableTokens(price, prompt, wish(100, ['an image']), 4_120)).toBe(10);
});

test('what is reserved for an affordable answer is within the money', () => {
  const tokens = affordableTokens(price, prompt, wish(100), 125);
  expect(reservedMicros(price, prompt, wish(tokens))).toBeLessThanOrEqual(125);
  expect(costMicros(price, { promptTokens: 10, completionTokens: tokens })).toBeLessThanOrEqual(125);
});
