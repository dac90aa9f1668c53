import { ProblemError } from '@magistry/errors';
import type { FastifyReply } from 'fastify';
import {
  type BucketReading,
  rateLimitField,
  remainingOf,
  resetUnixSeconds,
  retryAfterSeconds,
} from '../admission/rate-fields.js';
import type { Verdict } from '../admission/verdict.js';

/** On every authenticated answer: the fields that clients have always read, and the standard ones. */
export function writeRateHeaders(reply: FastifyReply, reading: BucketReading): void {
  reply.header('x-ratelimit-limit', reading.rule.perMinute);
  reply.header('x-ratelimit-remaining', remainingOf(reading));
  reply.header('x-ratelimit-reset', resetUnixSeconds(reading));
  reply.header('ratelimit-policy', reading.rule.policyField);
  reply.header('ratelimit', rateLimitField(reading));
}

/** The 429. `retry_after`, `limit`, `remaining` and `reset_at` are seed 003's. */
export function overLimit(reading: BucketReading, violated: NonNullable<Verdict['violated']>): ProblemError {
  const isRate = violated === 'rate';
  const waitSeconds = isRate ? retryAfterSeconds(reading) : 1;
  const limit = reading.rule.perMinute;
  const used =
    reading.rule.refusal ??
    `The limit of ${limit} requests a minute is used up. Retry after ${waitSeconds} s.`;
  const message = isRate
    ? used
    : 'Too many requests are running at once. Retry when some of them are answered.';
  return new ProblemError('rate_limit_exceeded', message, {
    retryAfterSeconds: waitSeconds,
    extras: {
      violated_policies: [isRate ? 'burst' : 'concurrency'],
      retry_after: waitSeconds,
      limit,
      remaining: remainingOf(reading),
      reset_at: new Date(resetUnixSeconds(reading) * 1_000).toISOString().replace('.000', ''),
    },
  });
}
