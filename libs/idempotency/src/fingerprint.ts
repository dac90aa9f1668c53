import { hash } from 'node:crypto';

/** The parts of a request that a retry under the same key must repeat (design: api.md section 6). */
export interface RequestParts {
  readonly method: string;
  /** Concrete path, without the query. */
  readonly path: string;
  readonly query: string;
  readonly version: string;
  /** SHA-256 of the canonical body (RFC 8785 for JSON). */
  readonly bodyHash: Uint8Array;
}

const PART_BYTES = 8;
const PARTS = ['method', 'route', 'query', 'version'] as const;
const BODY_OFFSET = PARTS.length * PART_BYTES;
const BODY_BYTES = 32;

/** 64 bytes: eight of SHA-256 for each of method, route, query and version, then the body's whole hash. */
export function fingerprintOf(request: RequestParts): Uint8Array {
  const fingerprint = new Uint8Array(BODY_OFFSET + BODY_BYTES);
  [request.method, request.path, sortedQuery(request.query), request.version].forEach((part, index) => {
    fingerprint.set(hash('sha256', part, 'buffer').subarray(0, PART_BYTES), index * PART_BYTES);
  });
  fingerprint.set(request.bodyHash, BODY_OFFSET);
  return fingerprint;
}

/** Names what differs between the first request under a key and this one; empty when they are the same. */
export function mismatchOf(first: Uint8Array, second: Uint8Array): string[] {
  const differing: string[] = PARTS.filter(
    (_, index) => !sameBytes(first, second, index * PART_BYTES, PART_BYTES),
  );
  if (!sameBytes(first, second, BODY_OFFSET, BODY_BYTES)) differing.push('body');
  return differing;
}

function sameBytes(first: Uint8Array, second: Uint8Array, offset: number, length: number): boolean {
  const part = (bytes: Uint8Array) =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).subarray(offset, offset + length);
  return part(first).equals(part(second));
}

function sortedQuery(query: string): string {
  if (query === '') return '';
  const parameters = new URLSearchParams(query);
  parameters.sort();
  return parameters.toString();
}
