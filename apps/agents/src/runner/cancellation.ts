import { agents } from '@magistry/contracts';
import type { Broadcaster, LivePages } from '@magistry/messaging';
import type { Clock } from '../domain/clock.js';
import { type Failure, logNameOf, type Run, type RunRecord, type RunStatus } from '../domain/run.js';
import { shownEvent } from '../domain/views/shown-event.js';
import { CANCELLED_BY_WISH, type Cancelling } from '../storage/cancelled-trees.js';
import type { Queryable } from '../storage/database.js';
import type { RunStore } from '../storage/run-store.js';
import { countEnd } from './metrics.js';
import type { RunTracer } from './run-tracer.js';

/** Ends runs by somebody's wish: first in the database, which holds whatever comes late; then wherever they run. */
export class Cancellation {
  constructor(
    private readonly runs: RunStore,
    private readonly broadcaster: Broadcaster,
    private readonly livePages: LivePages,
    private readonly clock: Clock,
    private readonly tracer: RunTracer,
  ) {}

  /** How the run has ended: by this, or before. */
  async cancel(workspaceId: number, id: string): Promise<RunStatus> {
    await this.end({ workspaceId, id }, CANCELLED_BY_WISH);
    const ended = await this.runs.find(workspaceId, id);
    return ended?.status ?? 'cancelled';
  }

  /** Ends one that may not begin, together with `alongside`. False when it had ended before; then nothing is done. */
  async refuse(
    run: Pick<Run, 'workspaceId' | 'id'>,
    error: Failure,
    alongside: (transaction: Queryable) => Promise<void>,
  ): Promise<boolean> {
    const ended = await this.end(run, { event: { kind: 'cancelled', error }, error, alongside });
    return ended.length > 0;
  }

  private async end(
    { workspaceId, id }: Pick<Run, 'workspaceId' | 'id'>,
    cancelling: Cancelling,
  ): Promise<RunRecord[]> {
    const recordedAt = this.clock.date();
    const cancelled = await this.runs.cancelTree(workspaceId, id, recordedAt, cancelling);
    this.tell(cancelled, recordedAt, cancelling);
    return cancelled;
  }

  /** Behind the commit that has cancelled them. */
  tell(cancelled: readonly RunRecord[], recordedAt: Date, { event }: Cancelling = CANCELLED_BY_WISH): void {
    for (const run of cancelled) {
      const name = logNameOf(run);
      countEnd(run, 'cancelled');
      this.tracer.ended(run);
      this.broadcaster.send(agents.RUN_CANCELLED, name);
      const data = shownEvent(run, { event, recordedAt });
      this.livePages.publish(name, { events: [{ id: run.eventId, data }], isEnded: true });
    }
  }
}
