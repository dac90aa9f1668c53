import { hash } from 'node:crypto';

/** Span ids have 16 hex digits. Made from what the span is of, they are the same after every takeover. */
export function spanIdOf(runId: string, part = ''): string {
  return hash('sha256', `${runId} ${part}`, 'hex').slice(0, 16);
}
