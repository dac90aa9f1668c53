const SECOND_MS = 1_000;

/** ISO 8601 UTC without fractions: 2026-05-25T06:14:02Z. */
export function wholeSecond(unixMs: number): string {
  return `${new Date(Math.floor(unixMs / SECOND_MS) * SECOND_MS).toISOString().slice(0, 19)}Z`;
}

/** The UTC minute that velocity is counted in. */
export function minuteOf(isoSecond: string): string {
  return isoSecond.slice(0, 16);
}

/** The UTC day that budgets are counted in. */
export function dayOf(isoSecond: string): string {
  return isoSecond.slice(0, 10);
}

export function laterOf(first: string, second: string): string {
  if (first > second) return first;
  return second;
}

const DAY_MS = 24 * 60 * 60 * SECOND_MS;

/** The first whole second that is not before an ISO instant: rows carry whole seconds only. */
export function nextWholeSecond(isoInstant: string): string {
  return wholeSecond(Math.ceil(Date.parse(isoInstant) / SECOND_MS) * SECOND_MS);
}

/** The first instant of the UTC day. */
export function startOfDay(unixMs: number): string {
  return wholeSecond(Math.floor(unixMs / DAY_MS) * DAY_MS);
}

export function daysBefore(isoSecond: string, days: number): string {
  return wholeSecond(Date.parse(isoSecond) - days * DAY_MS);
}
