import { ProblemError } from '@magistry/errors';

const FORM = /^cur_([A-Za-z0-9_-]{1,400})$/;

/** `cur_` and where the page ended; it opens nothing that its bearer may not see anyway. */
export function encodeCursor(position: string): string {
  return `cur_${Buffer.from(position).toString('base64url')}`;
}

/** Behind which row a page begins. Throws `validation_failed` for a text that is no cursor of this list. */
export function decodeCursor(cursor: string | undefined, form: RegExp): string | undefined {
  if (cursor === undefined) return undefined;
  const position = Buffer.from(FORM.exec(cursor)?.[1] ?? '', 'base64url').toString();
  if (form.test(position)) return position;
  throw new ProblemError('validation_failed', 'The cursor is none of this list.', {
    errors: [
      { path: 'cursor', code: 'unknown_cursor', message: 'must be the next_cursor of an earlier page' },
    ],
  });
}

/** Of rows read with one more than `limit`, the page; `next_cursor` is null behind the last row. */
export function cursorPage<Row>(rows: readonly Row[], limit: number, positionOf: (row: Row) => string) {
  const shownRows = rows.slice(0, limit);
  const last = shownRows.at(-1);
  const hasMore = rows.length > limit;
  return { rows: shownRows, hasMore, nextCursor: hasMore && last ? encodeCursor(positionOf(last)) : null };
}
