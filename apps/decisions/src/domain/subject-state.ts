/** What an action does to one facet of its subject. */
export type Effect =
  | { readonly facet: string; readonly deltaMinor: number }
  | { readonly facet: string; readonly toState: string; readonly initialState: string | null };

export interface Transition {
  readonly fromState: string | null;
  readonly toState: string;
}

/**
 * Moves a facet from its present state. Amounts read `PRICE=129.00`, or `PRICE=?` and `PRICE=?-6.00` while the
 * ledger knows only the changes; lifecycle states are named as in seed 000.
 */
export function transition(present: string | null, effect: Effect): Transition {
  if ('toState' in effect) return { fromState: present ?? effect.initialState, toState: effect.toState };
  const fromState = present ?? `${effect.facet}=?`;
  return { fromState, toState: addToAmount(fromState, effect.facet, effect.deltaMinor) };
}

function addToAmount(state: string, facet: string, deltaMinor: number): string {
  const amount = state.slice(facet.length + 1);
  if (!amount.startsWith('?')) return `${facet}=${decimal(parseMinor(amount) + deltaMinor)}`;
  const known = amount === '?' ? 0 : parseMinor(amount.slice(1));
  const sum = known + deltaMinor;
  return sum === 0 ? `${facet}=?` : `${facet}=?${sum > 0 ? '+' : ''}${decimal(sum)}`;
}

function parseMinor(text: string): number {
  return Math.round(Number(text) * 100);
}

function decimal(minor: number): string {
  return (minor / 100).toFixed(2);
}
