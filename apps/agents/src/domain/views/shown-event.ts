import type { Run } from '../run.js';
import type { KeptEvent } from '../run-event.js';
import { logEntry } from './log-view.js';
import { messageEvent } from './message-view.js';

/** An event as its readers get it: one line of JSON. */
export function shownEvent(run: Run, kept: Pick<KeptEvent, 'event' | 'recordedAt'>): Uint8Array {
  const value = run.kind === 'message' ? messageEvent(run, kept.event) : logEntry(run, kept);
  return Buffer.from(JSON.stringify(value));
}
