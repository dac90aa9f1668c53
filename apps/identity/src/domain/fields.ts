import { API_VERSIONS, text } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { z } from 'zod';
import { INTEGER_MAX } from './principal.js';
import { isSlug } from './slug.js';
import { TIERS } from './tiers.js';

const SCOPE_LENGTH_MAX = 100;
const SCOPES_MAX = 200;
/** The last millisecond of the year 9999. */
const UNIX_MS_MAX = 253_402_300_799_999;

export const rowId = z.int().min(1).max(INTEGER_MAX);

export const name = text(255);

export const reason = text(500);

export const partnerStatus = z.enum(['approved', 'suspended']);

const PAGE_ROWS = 100;
const PAGE_ROWS_MAX = 200;

/** A page of a list in order of id: what stands behind `afterId`. */
export const page = {
  afterId: z.int().min(0).max(INTEGER_MAX),
  limit: z
    .int()
    .min(0)
    .max(PAGE_ROWS_MAX)
    .transform((rows) => rows || PAGE_ROWS),
};

export const description = text(2_000);

export const email = z.email().max(254);

export const slug = z
  .string()
  .refine(
    isSlug,
    'must be words of a-z and 0-9 joined by single hyphens, at most 63 characters, not a number',
  );

export const tier = z.enum(TIERS);

export function scopeList(isWellFormedScope: (scope: string) => boolean) {
  const scope = z
    .string()
    .max(SCOPE_LENGTH_MAX)
    .refine(isWellFormedScope, 'must be resource:action, resource:*, read, write or *');
  return z.array(scope).max(SCOPES_MAX);
}

export const apiVersion = z.enum(API_VERSIONS);

/** 0 for none. */
export const limitPerMinute = z.int().min(0).max(INTEGER_MAX);

/** Unix milliseconds after `nowMs`, or 0 for no expiry. */
export function expiry(nowMs: number) {
  return z
    .number()
    .max(UNIX_MS_MAX)
    .refine((unixMs) => unixMs === 0 || unixMs > nowMs, 'must lie in the future');
}

/** Protobuf writes an absent text as the empty one. */
export function orAbsent<Field extends z.ZodType>(field: Field) {
  return z.preprocess((value) => (value === '' ? undefined : value), field.optional());
}

/** The values as their fields read them; every faulty one is named in a single `validation_failed`. */
export function check<Shape extends z.ZodRawShape>(
  shape: Shape,
  values: Record<keyof Shape, unknown>,
): z.infer<z.ZodObject<Shape>> {
  const result = z.object(shape).safeParse(values);
  if (result.success) return result.data;
  throw new ProblemError('validation_failed', 'Some fields are not valid; see errors.', {
    errors: result.error.issues.map(({ path, code, message }) => ({ path: dottedPath(path), code, message })),
  });
}

function dottedPath(path: readonly PropertyKey[]): string {
  const [field, ...positions] = path.map(String);
  return `${field}${positions.map((position) => `[${position}]`).join('')}`;
}
