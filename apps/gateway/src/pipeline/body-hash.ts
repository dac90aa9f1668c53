import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { invalidJson } from './json-body.js';
import type { Stage } from './stage.js';

const HASH_OF_NOTHING = hash('sha256', '', 'buffer');

/** SHA-256 over RFC 8785, so that a retry may order its members and space them as it likes. */
export const bodyHash: Stage = (exchange) => {
  if (!exchange.isWrite) return;
  exchange.bodyHash = exchange.json === undefined ? HASH_OF_NOTHING : canonicalHash(exchange.json);
};

function canonicalHash(json: unknown): Uint8Array {
  return hash('sha256', canonicalText(json), 'buffer');
}

function canonicalText(json: unknown): string {
  try {
    return canonicalize(json) ?? '';
  } catch (error) {
    throw invalidJson((error as Error).message);
  }
}
