/** The time, passed in. */
export class Clock {
  constructor(readonly now: () => number) {}

  date(): Date {
    return new Date(this.now());
  }
}

/** ISO 8601 UTC in whole seconds. */
export function shown(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

export function shownOrNull(date: Date | null): string | null {
  return date && shown(date);
}
