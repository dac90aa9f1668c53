import { ProblemError } from '@magistry/errors';
import { shown } from './clock.js';
import type { RunCaller } from './run.js';

const MICROS_PER_USD = 1_000_000;
const MICROS_DIGITS = 6;
const ADJECTIVES = { day: 'daily', month: 'monthly' };

export type LimitPeriod = 'day' | 'month';

/**
 * What a workspace may spend in a day or month of UTC, or one of its principals with all that stand below it: whose
 * credentials it made, and whose those made. Millionths of a US dollar.
 */
export interface CostLimit {
  readonly workspaceId: number;
  readonly id: number;
  /** Null where the whole workspace is limited. */
  readonly principalId: string | null;
  readonly period: LimitPeriod;
  readonly microsMax: number;
  /** YYYY-MM-DD, of the period that `usedMicros` is of. */
  readonly periodStart: string;
  /** Open reservations included. */
  readonly usedMicros: number;
}

/** Who spends, by the credential that it was asked with. */
export type Spender = Pick<RunCaller, 'principalId' | 'makerIds'>;

/** The principals whose limits count what is spent; those of the workspace do, too. */
export function subjectsOf({ principalId, makerIds = [] }: Spender): readonly string[] {
  return [principalId, ...makerIds];
}

/** A model call that is to be made. */
export interface AskedCall {
  readonly workspaceId: number;
  readonly spender: Spender;
  readonly micros: number;
  readonly at: Date;
}

/** First day of the period that a moment is in. */
export function startOf(period: LimitPeriod, at: Date): string {
  const day = at.toISOString().slice(0, 10);
  return period === 'day' ? day : `${day.slice(0, 7)}-01`;
}

/** When the next period begins. */
export function opensAt(period: LimitPeriod, at: Date): Date {
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
  return new Date(period === 'day' ? Date.UTC(year, month, at.getUTCDate() + 1) : Date.UTC(year, month + 1));
}

/** What is used of the limit at a moment; nothing where its last period is over. */
export function usedAt({ period, periodStart, usedMicros }: CostLimit, at: Date): number {
  return periodStart < startOf(period, at) ? 0 : usedMicros;
}

/**
 * Which limit refuses each call, if any does, when the calls are made in their order: what one takes, the next has
 * no more.
 */
export function refusingLimits(
  limits: readonly CostLimit[],
  calls: readonly AskedCall[],
): (CostLimit | undefined)[] {
  const taken = new Map<CostLimit, number>();
  return calls.map(({ workspaceId, spender, micros, at }) => {
    const subjects = subjectsOf(spender);
    const held = limits.filter(
      (limit) =>
        limit.workspaceId === workspaceId &&
        (limit.principalId === null || subjects.includes(limit.principalId)),
    );
    const usedOf = (limit: CostLimit) => usedAt(limit, at) + (taken.get(limit) ?? 0);
    const refusing = held.find((limit) => usedOf(limit) + micros > limit.microsMax);
    if (!refusing) for (const limit of held) taken.set(limit, (taken.get(limit) ?? 0) + micros);
    return refusing;
  });
}

/** Of which no call can be made any more, whatever it costs. */
export function isUsedUp(limit: CostLimit, at: Date): boolean {
  return usedAt(limit, at) >= limit.microsMax;
}

/** Whether it is the limit of a credential that the spender's was made by, in one step or several. */
function isOfMaker({ principalId }: CostLimit, spender: Spender): boolean {
  return principalId !== null && principalId !== spender.principalId;
}

/** For whoever reads that a limit refuses: which, and when it opens again. How high a maker's is, is the maker's. */
export function refusalOf(limit: CostLimit, spender: Spender, at: Date): string {
  const { principalId, period, microsMax } = limit;
  const amount = `${(microsMax / MICROS_PER_USD).toFixed(MICROS_DIGITS)} US dollars`;
  const more = isOfMaker(limit, spender) ? `a maker of ${spender.principalId}` : amount;
  const which = `the ${ADJECTIVES[period]} cost limit of ${principalId ?? 'the workspace'} (${more})`;
  return `${which} has no room for another model call; it opens again at ${shown(opensAt(period, at))}`;
}

export function limitUsedUp(limit: CostLimit, spender: Spender, at: Date): ProblemError {
  const text = refusalOf(limit, spender, at);
  return new ProblemError('usage_limit_exceeded', `${text.charAt(0).toUpperCase()}${text.slice(1)}.`);
}

/**
 * Throws `access_denied` where somebody loosens a limit that counts what it spends itself: its own, or one of those
 * that stand behind it. To lift it is to loosen it, too: `microsAfter` is null then. The workspace's limit counts
 * everybody, and is whose who has the scope.
 */
export function requireNotLoosened(
  { principalId }: CostLimit,
  microsBefore: number | null,
  microsAfter: number | null,
  asker: Spender,
): void {
  if (principalId === null || !subjectsOf(asker).includes(principalId)) return;
  if (microsBefore === null || (microsAfter !== null && microsAfter <= microsBefore)) return;
  throw new ProblemError(
    'access_denied',
    `What ${asker.principalId} spends counts for this limit, of ${principalId}: it may be lowered, and neither ` +
      'raised nor lifted, with this credential.',
  );
}
