import type { LivePages } from '@magistry/messaging';
import type { Clock } from '../domain/clock.js';
import { logNameOf } from '../domain/run.js';
import { isKept, isShown, type RunEvent } from '../domain/run-event.js';
import { shownEvent } from '../domain/views/shown-event.js';
import type { Addition, Lease, RunLog } from '../storage/run-log.js';
import { appendDuration, countAddition } from './metrics.js';
import type { RunTracer } from './run-tracer.js';

/** How many events may wait for the commit before; then whoever makes them waits. */
const WAITING_MAX = 256;

export interface WriterSurroundings {
  readonly log: RunLog;
  readonly livePages: LivePages;
  readonly clock: Clock;
  readonly leaseMs: number;
  readonly tracer: RunTracer;
}

/**
 * Writes one run's log. While a commit is under way what comes is gathered for the next one, so that a model's
 * single words cost few commits; nobody is shown an event before it is committed, and so never one that a crash
 * takes back.
 */
export class EventWriter {
  private gathered: RunEvent[] = [];
  private committing: Promise<void> = Promise.resolve();
  private isScheduled = false;
  private failure: unknown;

  constructor(
    private readonly surroundings: WriterSurroundings,
    private readonly lease: Lease,
  ) {}

  /** Is committed soon. Waits only where too much is waiting already; throws what an earlier commit failed with. */
  async add(event: RunEvent): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    if (!isKept(this.lease.run, event.kind)) return;
    this.gathered.push(event);
    const committing = this.schedule();
    if (this.gathered.length >= WAITING_MAX) await committing;
  }

  /** Committed, behind everything that was added before, when this resolves. */
  async commit(addition: Addition): Promise<void> {
    await this.drain();
    await this.write(addition);
  }

  /** For what commits by itself: everything that was added before is committed. */
  async drain(): Promise<void> {
    while (this.gathered.length > 0) await this.schedule();
    await this.committing;
    if (this.failure !== undefined) throw this.failure;
  }

  /** Tells followers of events that were committed elsewhere. */
  publish(events: readonly RunEvent[], eventIdBefore: number, recordedAt: Date, isEnded = false): void {
    const { run } = this.lease;
    const shown = events.filter(({ kind }) => isShown(run, kind));
    if (shown.length === 0) return;
    this.surroundings.livePages.publish(logNameOf(run), {
      events: shown.map((event, index) => ({
        id: eventIdBefore + index + 1,
        data: shownEvent(run, { event, recordedAt }),
      })),
      isEnded,
    });
  }

  private schedule(): Promise<void> {
    if (this.isScheduled) return this.committing;
    this.isScheduled = true;
    this.committing = this.committing
      .then(() => this.writeGathered())
      .catch((error) => {
        this.failure = error;
      });
    return this.committing;
  }

  private async writeGathered(): Promise<void> {
    const events = this.gathered;
    this.gathered = [];
    this.isScheduled = false;
    if (this.failure === undefined) await this.write({ events });
  }

  private async write(addition: Addition): Promise<void> {
    const { log, clock, leaseMs, tracer } = this.surroundings;
    const now = clock.date();
    const timed = appendDuration.startTimer();
    const before = await log.append(this.lease, addition, now, leaseMs);
    timed();
    countAddition(this.lease.run, addition);
    this.publish(addition.events, before, now, addition.end !== undefined);
    if (addition.end) await tracer.ended(this.lease.run);
  }
}
