/** Where the present instant comes from; a test passes in its own. */
export class Clock {
  /** Unix milliseconds. */
  constructor(readonly now: () => number) {}

  /** In whole seconds, as times are kept and shown. */
  second(): Date {
    return wholeSecond(this.now());
  }
}

export function wholeSecond(unixMs: number): Date {
  return new Date(Math.floor(unixMs / 1_000) * 1_000);
}

/** ISO 8601 in UTC without fractions: `2026-01-15T10:30:00Z`. */
export function shown(instant: Date): string {
  return instant.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

export function shownOrNull(instant: Date | null): string | null {
  return instant && shown(instant);
}
