import { ProblemError } from '@magistry/errors';

/** A session's place among its owner's, of which the newest come first. */
export interface SessionPlace {
  readonly createdAt: Date;
  readonly id: string;
}

const FORM = /^(\d{1,15}) ([\s\S]{1,255})$/;

/** Behind which session the next page begins; opaque to clients. It opens nothing that its bearer may not list. */
export function sessionCursor({ createdAt, id }: SessionPlace): string {
  return Buffer.from(`${createdAt.getTime()} ${id}`).toString('base64url');
}

/** Throws `validation_failed` for what is no cursor of these lists. */
export function sessionPlace(cursor: string): SessionPlace {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, time, id] = FORM.exec(text) ?? [];
  if (time !== undefined && id !== undefined && sessionCursor(placeOf(time, id)) === cursor)
    return placeOf(time, id);
  throw new ProblemError('validation_failed', 'The cursor is none of this list; use next_cursor unchanged.', {
    errors: [{ path: 'cursor', code: 'unknown_cursor', message: 'must be a next_cursor of this list' }],
  });
}

function placeOf(time: string, id: string): SessionPlace {
  return { createdAt: new Date(Number(time)), id };
}
