import { ProblemError } from '@magistry/errors';
import { INTEGER_MAX } from './principal.js';

const FORM = /^cur_([0-9a-z]{1,6})$/;
const RADIX = 36;

/** Where the reader of a `/v1` list in order of id stands: `cur_` and the last id that it has seen. */
export function encodeRowCursor(lastId: number): string {
  return `cur_${lastId.toString(RADIX)}`;
}

/** 0 without a cursor: from the beginning. Throws `validation_failed` for what no list gave out. */
export function decodeRowCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const id = Number.parseInt(FORM.exec(cursor)?.[1] ?? '', RADIX);
  if (id <= INTEGER_MAX && encodeRowCursor(id) === cursor) return id;
  const message = 'is not a cursor of this list; use next_cursor unchanged';
  const errors = [{ path: 'cursor', code: 'unknown_cursor', message }];
  throw new ProblemError('validation_failed', 'The cursor cannot be used.', { errors });
}
