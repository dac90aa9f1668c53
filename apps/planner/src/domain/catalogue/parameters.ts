import { day, money } from '@magistry/contracts';
import { z } from 'zod';

// As the contract's text, but lines may be broken: these are read by people.
const UNSAFE_PROSE = /[^\P{Cc}\n]|\p{Cs}/u;

export const deltaEur = money
  .refine((value) => value !== 0, 'must not be 0')
  .describe('Change in EUR, at most two decimals; negative lowers.');

export const discountPercent = z
  .number()
  .gt(0)
  .max(90)
  .refine((value) => Number(value.toFixed(2)) === value, 'must have at most two decimals')
  .describe('Discount in percent of the present price.');

export const endsOn = day.describe('Day (UTC) on which the price is restored.');

export function prose(lengthMax: number) {
  return z
    .string()
    .min(1)
    .max(lengthMax)
    .refine(
      (value) => !UNSAFE_PROSE.test(value),
      'must not contain control characters other than line breaks',
    );
}
