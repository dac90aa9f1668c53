import { z } from 'zod';

// NUL cannot be stored by Postgres; other control characters and lone surrogates only serve to confuse.
const UNSAFE_TEXT = /[\p{Cc}\p{Cs}]/u;

/** Text a person or program wrote, without control characters. */
export function text(lengthMax: number) {
  return z
    .string()
    .min(1)
    .max(lengthMax)
    .refine((value) => !UNSAFE_TEXT.test(value), 'must not contain control characters');
}

/** An amount in the documented unit with at most two decimals; becomes integer minor units inside. */
export const money = z
  .number()
  .min(-1_000_000)
  .max(1_000_000)
  .refine((value) => Number(value.toFixed(2)) === value, 'must have at most two decimals');

export function toMinor(amount: number): number {
  return Math.round(amount * 100);
}

export const tier = z.enum(['A', 'B', 'C']);

/** A calendar day, YYYY-MM-DD. */
export const day = z.iso.date();

export const none = z.strictObject({});

/** `/v1` list parameters. */
export const page = {
  cursor: z.string().max(512).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(25),
};

export const instant = z.iso.datetime({ offset: true });
