import type { RequestContext } from '@magistry/contracts';
import { remainingMs } from '@magistry/request-context';
import type { Run, RunRecord } from '../domain/run.js';
import type { RunStore } from '../storage/run-store.js';
import type { RunEnds } from './run-ends.js';

/** Time for the answer to get from here to its client. */
const MARGIN_MS = 1_000;
/** A timer may be a little early. */
const TIMER_MS = 50;

/** Requests that wait for the end of a run. Their leaving ends nothing. */
export class RunWaits {
  constructor(
    private readonly runs: RunStore,
    private readonly runEnds: RunEnds,
    /** Aborted when the process leaves: who waits is told that the run goes on. */
    private readonly leaving: AbortSignal,
  ) {}

  /**
   * The run as it ended, or as it stands when there is no more time; undefined where it goes on and who asks for it
   * will ask again.
   */
  async untilEnded(
    run: Pick<Run, 'workspaceId' | 'id'>,
    context: RequestContext,
  ): Promise<RunRecord | undefined> {
    const { patience } = context;
    const leftMs = Math.max(0, Math.floor(remainingMs(context)) - MARGIN_MS);
    const found = await this.untilEndedWithin(run, Math.min(leftMs, patience?.waitMs ?? leftMs));
    const isAskedAgain = patience !== undefined && remainingMs(context) > MARGIN_MS + TIMER_MS;
    return found.status === 'running' && isAskedAgain ? undefined : found;
  }

  private untilEndedWithin(run: Pick<Run, 'workspaceId' | 'id'>, waitMs: number): Promise<RunRecord> {
    const signal = AbortSignal.any([AbortSignal.timeout(waitMs), this.leaving]);
    const find = (workspaceId: number, id: string) => this.runs.find(workspaceId, id);
    return this.runEnds.untilEnded(run, find, signal);
  }
}
