import { ProblemError } from '@magistry/errors';
import { exceeds, type Tier } from './tiers.js';

/** A key's scopes when its maker names none. */
export const DEFAULT_KEY_SCOPES: readonly string[] = ['read', 'write'];

/** Throws `validation_failed` when a key would be served better than its workspace. */
export function requireTierWithin(tier: Tier | undefined, workspaceTier: Tier): void {
  if (tier === undefined || !exceeds(tier, workspaceTier)) return;
  throw refused('tier', 'tier_exceeds_workspace', `must not be above the workspace's tier, ${workspaceTier}`);
}

/** Throws `access_denied` when something made by API would be served better than where it is made. */
export function requireTierUpTo(tier: Tier, highest: Tier): void {
  if (!exceeds(tier, highest)) return;
  throw new ProblemError('access_denied', `Insufficient permissions. The tier may not exceed ${highest}.`);
}

/** Throws `access_denied` unless whoever hands out a scope holds it. `covers` knows the shorthands. */
export function requireHeld(
  granted: readonly string[],
  held: readonly string[],
  covers: (held: readonly string[], granted: string) => boolean,
): void {
  const missing = granted.find((scope) => !covers(held, scope));
  if (missing === undefined) return;
  throw new ProblemError('access_denied', `Insufficient permissions. Required scope: ${missing}`);
}

/**
 * The scopes of an install: those that the partner asked for when none are named. `allows` knows the
 * shorthands. Throws `validation_failed` when one was not asked for.
 */
export function installScopes(
  named: readonly string[],
  asked: readonly string[],
  allows: (held: readonly string[], needed: string) => boolean,
): readonly string[] {
  const extra = named.find((scope) => !allows(asked, scope));
  if (extra === undefined) return named.length > 0 ? named : asked;
  throw refused(
    'scopes',
    'scope_not_asked',
    `${extra} is not among what the partner asks: ${asked.join(' ')}`,
  );
}

function refused(path: string, code: string, message: string): ProblemError {
  return new ProblemError('validation_failed', `${path}: ${message}.`, { errors: [{ path, code, message }] });
}
