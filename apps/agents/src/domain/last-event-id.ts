import { ProblemError } from '@magistry/errors';

const ID = /^\d{1,9}$/;

/** What a client of server-sent events has seen; undefined for one that begins. */
export function lastEventId(header: string | undefined): number | undefined {
  if (header === undefined || header === '') return undefined;
  if (ID.test(header)) return Number(header);
  throw new ProblemError('validation_failed', 'The Last-Event-ID is none of this log.', {
    errors: [{ path: 'Last-Event-ID', code: 'invalid', message: 'must be the id of an event of this log' }],
  });
}
