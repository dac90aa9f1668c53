import { z } from 'zod';

const PASSWORD_LENGTH_MIN = 12;
const PASSWORD_LENGTH_MAX = 256;

/**
 * A new password: length alone is asked for, as NIST SP 800-63B does, and any characters. The same text typed on
 * another keyboard is the same password, so it is compared in one normal form.
 */
export const newPassword = z
  .string()
  .normalize('NFKC')
  .min(PASSWORD_LENGTH_MIN, `must have at least ${PASSWORD_LENGTH_MIN} characters`)
  .max(PASSWORD_LENGTH_MAX, `must have at most ${PASSWORD_LENGTH_MAX} characters`);

/** One that somebody types to log in; whatever it is, it is compared. */
export function typedPassword(typed: string): string {
  return typed.normalize('NFKC').slice(0, PASSWORD_LENGTH_MAX + 1);
}
