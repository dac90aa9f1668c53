import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** RFC 8785: equal values have equal text, whatever the order of their members. */
export function canonicalJson(value: object): string {
  return canonicalize(value) as string;
}

/** SHA-256 over canonical JSON. */
export function digestOf(value: object): Uint8Array {
  return hash('sha256', canonicalJson(value), 'buffer');
}

/** A short name for a text's content, for states that would be too long to show. */
export function shortDigestOf(value: object): string {
  return hash('sha256', canonicalJson(value), 'hex').slice(0, 12);
}
