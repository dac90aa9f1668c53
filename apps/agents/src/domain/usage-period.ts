import { ProblemError } from '@magistry/errors';

const DAY_MS = 24 * 60 * 60 * 1_000;
const DAYS_USUAL = 30;

/** Days in UTC, YYYY-MM-DD, both included. */
export interface UsagePeriod {
  readonly from: string;
  readonly to: string;
}

/** What was asked for, or the days up to today. Refuses what begins behind its end or is longer than `daysMax`. */
export function usagePeriod(asked: Partial<UsagePeriod>, now: number, daysMax: number): UsagePeriod {
  const to = asked.to ?? (asked.from === undefined ? dayOf(now) : later(asked.from, dayOf(now)));
  const from = asked.from ?? dayOf(Date.parse(to) - (DAYS_USUAL - 1) * DAY_MS);
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  if (days < 1) throw unfit('from', 'must not be behind `to`');
  if (days > daysMax) throw unfit('from', `must be at most ${daysMax - 1} days before \`to\``);
  return { from, to };
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function later(one: string, other: string): string {
  return one > other ? one : other;
}

function unfit(path: string, message: string): ProblemError {
  const errors = [{ path, code: 'invalid', message }];
  return new ProblemError('validation_failed', 'The period cannot be summed up.', { errors });
}
