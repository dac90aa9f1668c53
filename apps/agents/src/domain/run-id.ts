import { randomUUID } from 'node:crypto';
import { ProblemError } from '@magistry/errors';

const FORM = /^[a-z0-9-]+$/;
const SUFFIX_LENGTH = 8;

/** `mag-` or `sag-` and the first 8 hex digits of a UUID v4 (seed 004, Run ID Format). */
export function newRunId(prefix: 'mag' | 'sag'): string {
  return `${prefix}-${randomUUID().slice(0, SUFFIX_LENGTH)}`;
}

/** As named in a path; what cannot be an id is refused before anything is looked up. */
export function checkedRunId(id: string): string {
  if (FORM.test(id)) return id;
  throw new ProblemError(
    'invalid_run_id',
    'A run id has lower-case letters, digits and dashes alone, such as mag-a1b2c3d4.',
  );
}

export function runNotFound(): ProblemError {
  return new ProblemError('not_found', 'There is no such run in this workspace.');
}
