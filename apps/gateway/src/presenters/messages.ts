import type { ErrorCode, ProblemError } from '@magistry/errors';
import { messageWithFields } from './sentences.js';

/** What seed 002 prints for these codes, whatever the cause. */
const PRINTED: Partial<Record<ErrorCode, string>> = { invalid_api_key: 'Invalid API key' };

/** The error body of /api/v1/messages: `{"error": {"code", "message"}}` (seed 002, section Error Responses). */
export function messagesBody({ code, message, errors }: ProblemError): Record<string, unknown> {
  return { error: { code, message: PRINTED[code] ?? messageWithFields(message, errors) } };
}
