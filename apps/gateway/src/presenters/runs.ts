import type { ProblemError } from '@magistry/errors';
import { messageWithFields } from './sentences.js';

/** The error body of agents, runs and GitHub's webhook: `{"code", "message"}` (seed 004, Error Reference). */
export function runsBody({ code, message, errors }: ProblemError): Record<string, unknown> {
  // The one body that seed 004 prints without a code.
  if (code === 'payload_too_large') return { detail: 'Request body too large' };
  return { code, message: messageWithFields(message, errors) };
}
