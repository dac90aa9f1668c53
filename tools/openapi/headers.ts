import type { Json } from './json-schema.ts';

const text = { type: 'string' };
const count = { type: 'integer', minimum: 0 };

/** What answers carry besides their body (design: api.md section 3). */
export const HEADERS: Readonly<Record<string, Json>> = {
  'X-Request-ID': {
    description: 'Names this request in our logs; a sane one of yours is kept.',
    schema: text,
  },
  'X-Magistry-Version': {
    description: 'The version that the answer was made for.',
    schema: { type: 'string', format: 'date' },
  },
  'X-RateLimit-Limit': { description: 'Requests a minute that are sustained.', schema: count },
  'X-RateLimit-Remaining': { description: 'What is left of them now.', schema: count },
  'X-RateLimit-Reset': { description: 'When all of it is back, in Unix seconds.', schema: count },
  RateLimit: { description: 'What is left by policy, as a structured field.', schema: text },
  'RateLimit-Policy': { description: 'The policies that hold, as a structured field.', schema: text },
  'Retry-After': { description: 'Seconds until a retry makes sense.', schema: count },
  Deprecation: {
    description: 'Since when this version has a successor (RFC 9745): @ and Unix seconds.',
    schema: text,
  },
  Sunset: { description: 'When this version ends (RFC 8594).', schema: text },
  Link: { description: 'deprecation, sunset and successor-version of an older version.', schema: text },
  'Idempotent-Replayed': {
    description: 'true on an answer that was given before.',
    schema: { const: 'true' },
  },
  'Idempotency-Original-Request-Id': {
    description: 'The request that a replayed answer was first given to.',
    schema: text,
  },
};

export const LIMIT_HEADERS = [
  ...['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset', 'RateLimit', 'RateLimit-Policy'],
];

export function answerHeaders(names: readonly string[]): Json {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

const key = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'Names one intended change: the same key and request give the first answer again, for 24 hours.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
  example: 'rsx-2026-05-25-44912',
};

/** What requests carry in headers. */
export const PARAMETERS: Readonly<Record<string, Json>> = {
  'idempotency-key-required': { ...key, required: true },
  'idempotency-key-accepted': key,
  prefer: {
    name: 'Prefer',
    in: 'header',
    description: 'respond-async answers as soon as the run is kept.',
    schema: { type: 'string' },
    example: 'respond-async',
  },
  'last-event-id': {
    name: 'Last-Event-ID',
    in: 'header',
    description: 'The id of the last event that was received: only later ones are sent.',
    schema: { type: 'string', pattern: '^[0-9]{1,9}$' },
  },
  version: {
    name: 'X-Magistry-Version',
    in: 'header',
    description: 'The dated shape to speak; without it the one that the key is pinned to.',
    schema: { type: 'string', format: 'date' },
  },
  workspace: {
    name: 'X-Workspace-ID',
    in: 'header',
    description: 'Id or slug of the workspace to act in, for credentials that may act in several.',
    schema: { type: 'string', maxLength: 64 },
  },
  'request-id': {
    name: 'X-Request-ID',
    in: 'header',
    description: 'A name of your own for this request; it comes back, and stands in our logs.',
    schema: { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,128}$' },
  },
};

export function parameter(name: string): Json {
  return { $ref: `#/components/parameters/${name}` };
}
