import { ProblemError } from '@magistry/errors';
import { tooLarge } from '../pipeline/bounded-body.js';

/** Whatever was thrown on a request, as a refusal of the closed list. `bodyLimitBytes` is its route's, if any. */
export function toProblem(error: unknown, bodyLimitBytes = 0): ProblemError {
  if (error instanceof ProblemError) return error;
  const { code, statusCode } = (error ?? {}) as { code?: string; statusCode?: number };
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return tooLarge(bodyLimitBytes);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ProblemError('unsupported_media_type', 'The Content-Type header is malformed.');
    case 'FST_ERR_BAD_URL':
      return new ProblemError('invalid_request', 'The URL is malformed: check its percent-encoding.');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new ProblemError('invalid_request', 'The body is not as long as Content-Length says.');
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new ProblemError('invalid_request', 'The request could not be read.');
  }
  return new ProblemError(
    'server_error',
    'Something went wrong on our side. Quote the request id when you ask.',
  );
}
