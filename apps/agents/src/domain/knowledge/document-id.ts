import { ProblemError } from '@magistry/errors';

const ID = /^[1-9]\d{0,8}$/;

/** As named in a path; what is no id names none. */
export function documentId(text: string): number {
  if (ID.test(text)) return Number(text);
  throw documentNotFound();
}

export function documentNotFound(): ProblemError {
  return new ProblemError('not_found', 'There is no such document of this agent.');
}
