import { ProblemError } from '@magistry/errors';

/** How many principals may stand behind a credential. */
export const MAKERS_MAX = 8;

/** Neither people nor the platform are under a limit of what a credential spends. */
const NO_MAKER = /^(user|system):/;

/** A principal, and those that made its credential. */
export interface MadePrincipal {
  readonly id: string;
  readonly makerIds: readonly string[];
}

/**
 * Who stands behind a credential that is shown to whoever asked for it: those that did already, whoever asked, and
 * those behind that one. What it spends counts as theirs, too. Throws `access_denied` when they become too many.
 */
export function makersOf(asker: MadePrincipal, shown?: MadePrincipal): string[] {
  const behindIt = shown?.makerIds ?? [];
  const behindAsker = [asker.id, ...asker.makerIds].filter((id) => !NO_MAKER.test(id));
  const makers = new Set([...behindIt, ...behindAsker]);
  if (shown) makers.delete(shown.id);
  if (makers.size <= MAKERS_MAX) return [...makers];
  throw new ProblemError(
    'access_denied',
    `More than ${MAKERS_MAX} credentials would stand behind this one, each made by the one before. Ask with one ` +
      'that stands nearer to the first of them.',
  );
}
