import { ProblemError } from '@magistry/errors';
import { INTEGER_MAX } from '../principal.js';

/** Where a list in order of id goes on: behind this id. */
export function afterIdOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const id = /^\d{1,10}$/.test(cursor) ? Number(cursor) : Number.NaN;
  if (id <= INTEGER_MAX) return id;
  const errors = [{ path: 'cursor', code: 'invalid', message: 'must be the next_cursor of an earlier page' }];
  throw new ProblemError('validation_failed', 'The cursor is none that this list has given.', { errors });
}

/** A page of a /v1 list. Its cursor is given on the last page too, so that a sync goes on where it ended. */
export function cursorPage<Row extends { readonly id: number }, Shown>(
  { rows, hasMore }: { readonly rows: readonly Row[]; readonly hasMore: boolean },
  afterId: number,
  show: (row: Row) => Shown,
) {
  const next = rows.at(-1)?.id ?? afterId;
  return { data: rows.map(show), next_cursor: String(next), has_more: hasMore };
}
