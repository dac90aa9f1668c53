import type { Outcome, RunRecord, RunStatus } from '../domain/run.js';
import type { RunEvent, Usage } from '../domain/run-event.js';

/** Another process executes the run by now, or it has ended: whatever this one still has to say is void. */
export class LeaseLost extends Error {}

/** What lets a run go on to its first model call. */
export interface Admission {
  /** Its credit is charged; the next commit of its log notes it. */
  readonly isPaid: boolean;
}

/** A run that is this process's to execute, under the epoch that its appends must name. */
export interface Lease {
  readonly run: RunRecord;
  readonly epoch: number;
  /** Its log so far, where this process has just begun the run; otherwise it has to be read. */
  readonly entries?: readonly RunEvent[];
  /** Where the run has yet to be admitted: no model is asked before, nor once it is refused. */
  readonly admitted?: Promise<Admission>;
}

/** What a model call may cost at most, noted before it is made. */
export interface Reservation {
  readonly call: number;
  readonly model: string;
  readonly priceVersion: string;
  readonly micros: number;
}

/** What a model call has cost. */
export interface Settlement {
  readonly call: number;
  readonly usage: Usage;
  readonly micros: number;
}

/** What is committed together: events, and what they settle or reserve. */
export interface Addition {
  readonly events: readonly RunEvent[];
  readonly end?: { readonly status: Exclude<RunStatus, 'running'>; readonly outcome: Outcome } | undefined;
  readonly settled?: Settlement | undefined;
  readonly reserved?: Reservation | undefined;
}
