import { agents } from '@magistry/contracts';
import type { Broadcaster, LivePages } from '@magistry/messaging';
import type { Clock } from '../domain/clock.js';
import { logNameOf, type RunRecord, type RunStatus } from '../domain/run.js';
import { shownEvent } from '../domain/views/shown-event.js';
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
    const recordedAt = this.clock.date();
    this.tell(await this.runs.cancelTree(workspaceId, id, recordedAt), recordedAt);
    const ended = await this.runs.find(workspaceId, id);
    return ended?.status ?? 'cancelled';
  }

  /** Behind the commit that has cancelled them. */
  tell(cancelled: readonly RunRecord[], recordedAt: Date): void {
    for (const run of cancelled) {
      const name = logNameOf(run);
      countEnd(run, 'cancelled');
      this.tracer.ended(run);
      this.broadcaster.send(agents.RUN_CANCELLED, name);
      const data = shownEvent(run, { event: { kind: 'cancelled' }, recordedAt });
      this.livePages.publish(name, { events: [{ id: run.eventId, data }], isEnded: true });
    }
  }
}
