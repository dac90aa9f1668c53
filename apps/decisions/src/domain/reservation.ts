import { dayOf } from './clock.js';
import type { Decision } from './decision.js';
import { budgetCounter, type LedgerState } from './ledger-state.js';
import type { Consequences, CounterChange } from './outcome.js';

/** What a row holds: its budget, on the day it was recorded, and its uniqueness digest. */
export type Reservation = Pick<
  Decision,
  'decisionId' | 'budget' | 'budgetMinor' | 'uniquenessDigest' | 'recordedAt'
>;

/** The row's budget given back to the day that it was taken from. */
export function refundOf({ budget, budgetMinor, recordedAt }: Reservation): CounterChange[] {
  if (budget === null || budgetMinor === null) return [];
  return [{ counter: budgetCounter(budget), period: dayOf(recordedAt), amount: -budgetMinor }];
}

/** Gives back budget and digest; a digest that another row has come to hold since stays with that row. */
export function releaseOf(
  state: LedgerState,
  row: Reservation,
  isoSecond: string,
): Pick<Consequences, 'counters' | 'freeDigest'> {
  const digest = row.uniquenessDigest;
  const isHolder = digest !== null && state.holderOf(digest, isoSecond) === row.decisionId;
  return { counters: refundOf(row), ...(isHolder && { freeDigest: digest }) };
}

/** The ledger as it would stand if the row held nothing. */
export function withoutReservation(state: LedgerState, row: Reservation): LedgerState {
  const refunds = refundOf(row);
  return {
    ...state,
    counted: (counter, period) =>
      refunds
        .filter((refund) => refund.counter === counter && refund.period === period)
        .reduce((sum, { amount }) => sum + amount, state.counted(counter, period)),
    holderOf: (digest, isoSecond) => {
      const holder = state.holderOf(digest, isoSecond);
      return holder === row.decisionId ? null : holder;
    },
  };
}
