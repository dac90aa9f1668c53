import { affordableTokens, costMicros, reservedMicros } from './prices.js';

const price = { version: 'v', promptMicros: 2, completionMicros: 10 };
const prompt = 'x'.repeat(30);

test('an answer may be as long as the money beside its prompt allows, and no longer than its maximum', () => {
  expect(affordableTokens(price, prompt, 100)).toBe(100);
  expect(affordableTokens(price, prompt, 100, 120)).toBe(10);
  expect(affordableTokens(price, prompt, 5, 120)).toBe(5);
  expect(affordableTokens(price, prompt, 100, 29)).toBeLessThanOrEqual(0);
});

test('what is reserved for an affordable answer is within the money', () => {
  const tokens = affordableTokens(price, prompt, 100, 125);
  expect(reservedMicros(price, prompt, tokens)).toBeLessThanOrEqual(125);
  expect(costMicros(price, { promptTokens: 10, completionTokens: tokens })).toBeLessThanOrEqual(125);
});
