import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { ProblemError } from '@magistry/errors';

/** Where a reader stands: behind which row, of which chain, under which filter. */
export interface Position {
  readonly workspaceId: number;
  readonly decisionId: number;
  /** First eight bytes of the chain at that row: they differ once the ledger was restored or forked. */
  readonly chainStart: Buffer;
  /** Digest of filters and order; a cursor belongs to the query it came from. */
  readonly filterDigest: Buffer;
}

const PREFIX = 'cur_';
const VERSION = 1;
const BODY_BYTES = 1 + 4 + 8 + 8 + 8;
const MAC_BYTES = 16;

/** Opaque to clients and sealed against change: `cur_` + base64url of the position and its HMAC. */
export function encodeCursor(position: Position, secret: string): string {
  const body = Buffer.alloc(BODY_BYTES);
  body.writeUInt8(VERSION, 0);
  body.writeUInt32BE(position.workspaceId, 1);
  body.writeBigUInt64BE(BigInt(position.decisionId), 5);
  position.chainStart.copy(body, 13);
  position.filterDigest.copy(body, 21);
  return PREFIX + Buffer.concat([body, macOf(body, secret)]).toString('base64url');
}

/** Throws `validation_failed` for a token that this ledger never gave to this workspace and query. */
export function decodeCursor(
  token: string,
  expected: Pick<Position, 'workspaceId' | 'filterDigest'>,
  secret: string,
): Position {
  const bytes = Buffer.from(token.startsWith(PREFIX) ? token.slice(PREFIX.length) : '', 'base64url');
  if (bytes.length !== BODY_BYTES + MAC_BYTES) throw unknownCursor();
  const body = bytes.subarray(0, BODY_BYTES);
  if (!timingSafeEqual(bytes.subarray(BODY_BYTES), macOf(body, secret))) throw unknownCursor();
  if (body.readUInt8(0) !== VERSION || body.readUInt32BE(1) !== expected.workspaceId) throw unknownCursor();
  const filterDigest = body.subarray(21, 29);
  if (!filterDigest.equals(expected.filterDigest)) {
    throw invalid('filter_changed', 'belongs to a query with other filters or order; start again without it');
  }
  return {
    workspaceId: expected.workspaceId,
    decisionId: Number(body.readBigUInt64BE(5)),
    chainStart: body.subarray(13, 21),
    filterDigest,
  };
}

export function filterDigestOf(filters: Readonly<Record<string, unknown>>): Buffer {
  const given = Object.entries(filters).filter(([, value]) => value !== undefined);
  return hash('sha256', JSON.stringify(given.sort()), 'buffer').subarray(0, 8);
}

/** The ledger under the cursor is not the one it was made on. */
export function cursorForked(): ProblemError {
  return new ProblemError(
    'cursor_forked',
    'The ledger no longer holds the row this cursor stands on, as after a restore. Start again without a cursor.',
  );
}

function unknownCursor(): ProblemError {
  return invalid('unknown_cursor', 'is not a cursor of this workspace; use next_cursor unchanged');
}

function invalid(code: string, message: string): ProblemError {
  return new ProblemError('validation_failed', 'The cursor cannot be used.', {
    errors: [{ path: 'cursor', code, message }],
  });
}

function macOf(body: Buffer, secret: string): Buffer {
  return createHmac('sha256', secret).update(body).digest().subarray(0, MAC_BYTES);
}
