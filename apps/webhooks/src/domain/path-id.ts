import { ProblemError } from '@magistry/errors';

/** Largest value of Postgres's `integer`. */
const INTEGER_MAX = 2_147_483_647;

/** The id of an endpoint in a path; what cannot be one belongs to nothing that there is. */
export function endpointId(text: string): number {
  const id = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
  if (id < 1 || id > INTEGER_MAX) throw endpointNotFound();
  return id;
}

/** One answer for what does not exist and for what is somebody else's. */
export function endpointNotFound(): ProblemError {
  return new ProblemError('not_found', 'There is no such webhook endpoint in this workspace.');
}
