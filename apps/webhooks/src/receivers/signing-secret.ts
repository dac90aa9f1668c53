import { ProblemError } from '@magistry/errors';
import { newSecret, secretBytes } from '@magistry/webhook-signatures';

/** The secret that was given, or a new one. Throws `validation_failed` for one that cannot sign. */
export function signingSecret(given: string | undefined): string {
  if (given === undefined) return newSecret();
  if (secretBytes(given)) return given;
  const message = 'must be whsec_ and the base64 of 24 to 64 bytes';
  throw new ProblemError('validation_failed', `secret ${message}.`, {
    errors: [{ path: 'secret', code: 'invalid_format', message }],
  });
}
