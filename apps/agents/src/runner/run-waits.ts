import type { Run, RunRecord } from '../domain/run.js';
import type { RunStore } from '../storage/run-store.js';
import type { RunEnds } from './run-ends.js';

/** Time for the answer to get from here to its client. */
const MARGIN_MS = 1_000;

/** Requests that wait for the end of a run. Their leaving ends nothing. */
export class RunWaits {
  constructor(
    private readonly runs: RunStore,
    private readonly runEnds: RunEnds,
    /** Aborted when the process leaves: who waits is told that the run goes on. */
    private readonly leaving: AbortSignal,
  ) {}

  /** The run as it ended, or as it stands after the time. */
  untilEnded(run: Pick<Run, 'workspaceId' | 'id'>, remainingMs: number): Promise<RunRecord> {
    const waitMs = Math.max(0, Math.floor(remainingMs) - MARGIN_MS);
    const signal = AbortSignal.any([AbortSignal.timeout(waitMs), this.leaving]);
    const find = (workspaceId: number, id: string) => this.runs.find(workspaceId, id);
    return this.runEnds.untilEnded(run, find, signal);
  }
}
