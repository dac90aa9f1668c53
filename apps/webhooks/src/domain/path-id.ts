import { ProblemError } from '@magistry/errors';

/** Largest value of Postgres's `integer`. */
const INTEGER_MAX = 2_147_483_647;
/** A whole number that a bigint of Postgres and JavaScript both hold exactly. */
export const ROW_ID = /^[1-9]\d{0,14}$/;

/** The id of an endpoint in a path; what cannot be one belongs to nothing that there is. */
export function endpointId(text: string): number {
  const id = ROW_ID.test(text) ? Number(text) : 0;
  if (id < 1 || id > INTEGER_MAX) throw endpointNotFound();
  return id;
}

/** The id of a delivery in a path. */
export function deliveryId(text: string): string {
  if (!ROW_ID.test(text)) throw deliveryNotFound();
  return text;
}

/** One answer for what does not exist and for what is somebody else's. */
export function endpointNotFound(): ProblemError {
  return new ProblemError('not_found', 'There is no such webhook endpoint in this workspace.');
}

export function deliveryNotFound(): ProblemError {
  return new ProblemError('not_found', 'There is no such delivery to this webhook endpoint.');
}
