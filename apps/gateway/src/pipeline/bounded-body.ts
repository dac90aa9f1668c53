import { ProblemError } from '@magistry/errors';
import type { Stage } from './stage.js';

/**
 * Refuses by its headers a body that is too large, packed or not JSON. Fastify then reads it and stops at the
 * same limit when its length was not announced.
 */
export const boundedBody: Stage = ({ isWrite, request, bodyLimitBytes }) => {
  const { headers } = request;
  if (!isWrite || !announcesBody(headers)) return;
  if (Number(headers['content-length']) > bodyLimitBytes) throw tooLarge(bodyLimitBytes);
  if (headers['content-encoding'] && headers['content-encoding'] !== 'identity') {
    throw new ProblemError('unsupported_media_type', 'Send the body as it is, without Content-Encoding.');
  }
  if (!isJson(headers['content-type'])) {
    throw new ProblemError(
      'unsupported_media_type',
      'Send JSON in UTF-8, as Content-Type: application/json.',
    );
  }
};

export function tooLarge(bodyLimitBytes: number): ProblemError {
  return new ProblemError('payload_too_large', `The body may have at most ${bodyLimitBytes} bytes here.`);
}

function announcesBody(headers: { 'content-length'?: string; 'transfer-encoding'?: string }): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && Number(length) !== 0);
}

const JSON_TYPE = /^application\/json\s*(;|$)/i;
const OTHER_CHARSET = /;\s*charset\s*=\s*(?!"?utf-?8"?\s*(;|$))/i;

function isJson(contentType: string | undefined): boolean {
  if (contentType === 'application/json') return true;
  return contentType !== undefined && JSON_TYPE.test(contentType) && !OTHER_CHARSET.test(contentType);
}
