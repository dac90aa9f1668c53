import { ProblemError } from '@magistry/errors';

const ID = /^[1-9]\d{0,8}$/;

/** As named in a path; what is no id names none. */
export function integrationId(text: string): number {
  if (ID.test(text)) return Number(text);
  throw integrationNotFound();
}

export function integrationNotFound(): ProblemError {
  return new ProblemError('not_found', 'There is no such integration in this workspace.');
}
