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

/** As it is kept and compared: without spaces around it, in lower case. */
export const emailAddress = z.string().trim().toLowerCase().pipe(z.email().max(254));

/** A calendar day, YYYY-MM-DD. */
export const day = z.iso.date();

export const none = z.strictObject({});

/** `/v1` list parameters. */
export const page = {
  cursor: z.string().max(512).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(25),
};

export const instant = z.iso.datetime({ offset: true });

/** The answer of an /api/v1 list. */
export function listOf<Row extends z.ZodType>(row: Row) {
  const link = z.string().nullable();
  const count = z.int();
  return z.object({
    data: z.array(row),
    meta: z.object({
      current_page: count,
      from: count.nullable(),
      last_page: count,
      per_page: count,
      to: count.nullable(),
      total: count,
    }),
    links: z.object({ first: link, last: link, prev: link, next: link }),
  });
}

const DEPTH_MAX = 8;

/** Whether free-form JSON is small, shallow and made of texts that Postgres can hold. */
export function storableJson(bytesMax: number, depthMax = DEPTH_MAX): (value: unknown) => boolean {
  return (value) => isPlain(value, depthMax) && Buffer.byteLength(JSON.stringify(value)) <= bytesMax;
}

const OBJECT_DEPTH_MAX = 32;

/** Whether free-form JSON is an object that nests no deeper than parsers bear. */
export function isShallowObject(value: unknown): boolean {
  return (
    typeof value === 'object' && !Array.isArray(value) && value !== null && isShallow(value, OBJECT_DEPTH_MAX)
  );
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((member) => isShallow(member, depth - 1));
}

function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return !UNSAFE_TEXT.test(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  return Object.entries(value).every(
    ([name, member]) => name !== '__proto__' && !UNSAFE_TEXT.test(name) && isPlain(member, depth - 1),
  );
}
