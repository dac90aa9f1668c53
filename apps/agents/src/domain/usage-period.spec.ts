import { usagePeriod } from './usage-period.js';

const NOW = Date.UTC(2026, 10, 24, 23, 59, 59);

test.each([
  [{}, { from: '2026-10-26', to: '2026-11-24' }],
  [{ to: '2026-03-01' }, { from: '2026-01-31', to: '2026-03-01' }],
  [{ from: '2026-11-01' }, { from: '2026-11-01', to: '2026-11-24' }],
  [{ from: '2026-12-01' }, { from: '2026-12-01', to: '2026-12-01' }],
  [
    { from: '2026-11-24', to: '2026-11-24' },
    { from: '2026-11-24', to: '2026-11-24' },
  ],
])('%j is the days %j', (asked, period) => {
  expect(usagePeriod(asked, NOW, 92)).toEqual(period);
});

test('a quarter of a year is summed up, a day more is not', () => {
  expect(usagePeriod({ from: '2026-01-01', to: '2026-04-02' }, NOW, 92).from).toBe('2026-01-01');
  expect(() => usagePeriod({ from: '2026-01-01', to: '2026-04-03' }, NOW, 92)).toThrow('cannot be summed up');
});

test('a period that ends before it begins is refused by its field', () => {
  const refusal = expect.objectContaining({
    code: 'validation_failed',
    errors: [expect.objectContaining({ path: 'from' })],
  });
  expect(() => usagePeriod({ from: '2026-11-24', to: '2026-11-23' }, NOW, 92)).toThrow(refusal);
});
