import type { KeyObject } from 'node:crypto';
import type { GuardedClient } from '@magistry/egress';
import { signDelivery } from '@magistry/webhook-signatures';
import type { SentAttempt } from '../domain/dispatch.js';
import { isOverloaded } from '../domain/pace.js';
import { readRetryAfter } from '../domain/retry-schedule.js';

/** One request to a receiver. */
export interface Letter {
  readonly url: string;
  /** The event's id: the same on every attempt. */
  readonly eventId: string;
  readonly body: string;
  /** All that sign now, newest first. */
  readonly secrets: readonly string[];
  readonly privateKeys: readonly KeyObject[];
}

export interface SendOptions {
  /** Ends the attempt; `ATTEMPT_TIMEOUT_MS` unless told. */
  readonly timeoutMs?: number;
  /** Told once the receiver may have the request. */
  readonly onSent?: () => void;
}

/** For all of an attempt, its answer's body included (`api.md` section 9, Time). */
export const ATTEMPT_TIMEOUT_MS = 15_000;
/** So much of an answer's body is read and kept. */
const RESPONSE_BYTES_MAX = 16 * 1_024;

const FIXED_HEADERS = { 'content-type': 'application/json', 'user-agent': 'Magistry-Webhooks/1' };

/** Signs and sends once: what an attempt and a test of an endpoint have in common. Never rejects. */
export async function sendOnce(
  client: GuardedClient,
  letter: Letter,
  now: () => number,
  { timeoutMs = ATTEMPT_TIMEOUT_MS, onSent }: SendOptions = {},
): Promise<SentAttempt> {
  const startedUnixMs = now();
  const body = Buffer.from(letter.body);
  const signature = signDelivery({
    id: letter.eventId,
    timestampSeconds: Math.floor(startedUnixMs / 1_000),
    body,
    secrets: letter.secrets,
    privateKeys: letter.privateKeys,
  });
  const exchange = await client.send({
    method: 'POST',
    url: letter.url,
    headers: { ...FIXED_HEADERS, ...signature },
    body,
    timeoutMs,
    responseBytesMax: RESPONSE_BYTES_MAX,
    ...(onSent && { onSent }),
  });
  const { statusCode, failure, error, times } = exchange;
  const retryAfter = exchange.headers['retry-after'];
  return {
    statusCode,
    failure,
    error,
    retryAfterMs: isOverloaded(statusCode) ? readRetryAfter([retryAfter].flat()[0], now()) : null,
    startedUnixMs,
    durationMs: Math.round(times.totalMs),
    responseHeaders: exchange.headers,
    responseBody: exchange.body,
    phasesMs: phasesOf(times),
  };
}

function phasesOf(times: Awaited<ReturnType<GuardedClient['send']>>['times']): Record<string, number> {
  const { dnsMs, connectMs, tlsMs, firstByteMs } = times;
  const known = Object.entries({ dns: dnsMs, connect: connectMs, tls: tlsMs, first_byte: firstByteMs });
  return Object.fromEntries(
    known.flatMap(([phase, ms]) => (ms === null ? [] : [[phase, Math.round(ms * 10) / 10]])),
  );
}
