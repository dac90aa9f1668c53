import { ProblemError } from '@magistry/errors';
import { fingerprintOf } from '@magistry/idempotency';
import type { Stage } from './stage.js';

/** Hands the service what makes a retry recognisable. Whether it is one, only the service's own row can tell. */
export const idempotency: Stage = (exchange) => {
  const { operation, request, path, query, bodyHash, apiVersion } = exchange;
  if (operation.idempotency === 'none') return;
  if (request.headers['idempotency-key'] === undefined) {
    if (operation.idempotency === 'required') throw missing();
    return;
  }
  const key = unquoteKey(request.raw.headersDistinct['idempotency-key'] ?? []);
  const { method } = request;
  const fingerprint = fingerprintOf({ method, path, query, version: apiVersion, bodyHash });
  exchange.idempotency = { key, fingerprint };
};

const BARE = /^[!#-~][!-~]{0,254}$/;
const QUOTED = /^"((?:[^"\\]|\\["\\])*)"$/;
const VISIBLE = /^[!-~]{1,255}$/;

/** The key of one or several equal header lines, bare or as an RFC 8941 string; both spellings are one key. */
export function unquoteKey(lines: readonly string[]): string {
  const [line = '', ...others] = lines;
  if (others.some((other) => other !== line)) throw invalid('Two different Idempotency-Key headers came.');
  if (BARE.test(line)) return line;
  const key = QUOTED.exec(line)?.[1]?.replace(/\\(["\\])/g, '$1');
  if (key === undefined || !VISIBLE.test(key)) {
    throw invalid(
      'An Idempotency-Key is 1 to 255 visible ASCII characters without spaces, bare or in quotes.',
    );
  }
  return key;
}

function invalid(message: string): ProblemError {
  return new ProblemError('idempotency_key_invalid', message);
}

function missing(): ProblemError {
  return new ProblemError(
    'idempotency_key_missing',
    'Send an Idempotency-Key, such as a new UUID for each change, and the same one when you retry it.',
  );
}
