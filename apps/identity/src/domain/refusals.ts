import type { Credential } from './credential.js';

/** Why a key that there is opens nothing. */
export type RefusalReason = 'wrong_secret' | 'revoked' | 'expired' | 'owner_shut';

/** Of a key whose secret is right and that is not usable. */
export function refusalReason({ revokedAt, expiresAt }: Credential, now: Date): RefusalReason {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'owner_shut';
}

const TOLD_EVERY_MS = 60 * 60 * 1_000;
const SUBJECTS_MAX = 10_000;

/**
 * Lets a refusal of each subject be told once an hour, with how many there were since the last: whoever asks a
 * thousand times a second writes no more than one entry an hour for each key that there is.
 */
export class RefusalTally {
  private readonly subjects = new Map<string, { toldUnixMs: number; since: number }>();

  /** How many are to be told now, this one included; 0 while the last was told within the hour. */
  count(subject: string, nowUnixMs: number): number {
    const known = this.subjects.get(subject);
    if (known && nowUnixMs - known.toldUnixMs < TOLD_EVERY_MS) {
      known.since += 1;
      return 0;
    }
    this.subjects.delete(subject);
    this.subjects.set(subject, { toldUnixMs: nowUnixMs, since: 0 });
    this.forgetOldest();
    return (known?.since ?? 0) + 1;
  }

  private forgetOldest(): void {
    if (this.subjects.size <= SUBJECTS_MAX) return;
    const { value } = this.subjects.keys().next();
    if (value !== undefined) this.subjects.delete(value);
  }
}
