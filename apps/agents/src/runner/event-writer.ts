import type { LivePages } from '@magistry/messaging';
import type { Clock } from '../domain/clock.js';
import type { CostLimit } from '../domain/cost-limits.js';
import { advanced, type Progress } from '../domain/progress.js';
import { logNameOf, type RunRecord } from '../domain/run.js';
import { isKept, isShown, type RunEvent } from '../domain/run-event.js';
import { shownEvent } from '../domain/views/shown-event.js';
import type { Append, Appended } from '../storage/appending/appends.js';
import { type Addition, type Admission, type Lease, LeaseLost, type Settlement } from '../storage/lease.js';
import type { GroupCommit, LogSource } from './group-commit.js';
import { countAddition } from './metrics.js';
import type { RunTracer } from './run-tracer.js';
import { Unwritten } from './unwritten.js';

/** How many events may wait for the commit before; then whoever makes them waits. */
const WAITING_MAX = 256;

/** The run's budget, or a limit of its workspace or principal, does not allow what was to be reserved. */
export class ReservationRefused extends Error {
  constructor(readonly limit?: CostLimit) {
    super();
  }
}

export interface WriterSurroundings {
  readonly commits: GroupCommit;
  readonly livePages: LivePages;
  readonly clock: Clock;
  readonly tracer: RunTracer;
}

/**
 * Writes one run's log, in the order in which it is told. What comes while a commit is under way is gathered for the
 * next one, so that a model's single words cost few commits; nobody is shown an event before it is committed, and so
 * never one that a crash takes back.
 */
export class EventWriter implements LogSource {
  private readonly waiting = new Unwritten();
  private last: Promise<void> = Promise.resolve();
  private failure: unknown;
  private endedRun: RunRecord | undefined;
  private lost: Addition | undefined;
  private isPaid = false;

  constructor(
    private readonly surroundings: WriterSurroundings,
    readonly lease: Lease,
    private current: Progress,
  ) {
    const noted = ({ isPaid }: Admission) => {
      this.isPaid = isPaid;
    };
    // Whoever asks the model learns of a refusal.
    lease.admitted?.then(noted, () => undefined);
  }

  /** How far the run is. What follows from it takes effect only behind its own commit, and so behind all of this. */
  get progress(): Progress {
    return this.current;
  }

  /** The run as it ended, where its end was written here. */
  get ended(): RunRecord | undefined {
    return this.endedRun;
  }

  /** Is committed soon. Waits only where too much is waiting already; throws what an earlier commit failed with. */
  async add(event: RunEvent, settled?: Settlement): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    if (!isKept(this.lease.run, event.kind)) return;
    const written = this.handOver({ events: [event], settled });
    if (this.waiting.events >= WAITING_MAX) await written;
  }

  /**
   * Committed, together with or behind everything that was added before, when this resolves. Throws
   * `ReservationRefused` where the budget does not allow it; then nothing of this addition is written.
   */
  async commit(addition: Addition): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    await this.handOver(addition);
  }

  /** Goes on where a commit has failed, without what it had; the same writer where none has. */
  anew(): EventWriter {
    if (this.failure === undefined) return this;
    return new EventWriter(this.surroundings, this.lease, this.current);
  }

  /** For what commits by itself: everything that was added before is committed. */
  async drain(): Promise<void> {
    await this.last;
    if (this.failure !== undefined) throw this.failure;
  }

  /** Goes on from events that were committed elsewhere, and tells followers of them. */
  committed(events: readonly RunEvent[], eventIdBefore: number, recordedAt: Date): void {
    this.current = events.reduce(advanced, this.current);
    this.publish({ events }, eventIdBefore, recordedAt);
  }

  /** What a model call has cost whose answer came when the run had ended, or was another process's. */
  async lateSettlement(): Promise<Settlement | undefined> {
    await this.last;
    return this.failure instanceof LeaseLost ? this.lost?.settled : undefined;
  }

  get next(): Addition | undefined {
    return this.waiting.next;
  }

  take(): Append {
    const { lease, isPaid } = this;
    return { lease, addition: this.waiting.take(), recordedAt: this.surroundings.clock.date(), isPaid };
  }

  appended({ addition, recordedAt }: Append, result: Appended): void {
    switch (result.kind) {
      case 'appended':
        this.publish(addition, result.eventIdBefore, recordedAt);
        if (addition.end) this.endedRun = this.endedWith(addition, result.eventIdBefore, recordedAt);
        this.waiting.written();
        this.watch(addition);
        break;
      case 'over-budget':
        this.waiting.refuseReservation(new ReservationRefused());
        break;
      case 'over-limit':
        this.waiting.refuseReservation(new ReservationRefused(result.limit));
        break;
      case 'lease-lost':
        this.failWith(new LeaseLost());
        break;
      case 'held':
        this.waiting.putBack();
        this.surroundings.commits.requestLater(this);
        return;
    }
    if (this.next) this.surroundings.commits.request(this);
  }

  failed(_append: Append, error: unknown): void {
    this.failWith(error);
  }

  private handOver(addition: Addition): Promise<void> {
    this.current = addition.events.reduce(advanced, this.current);
    const written = this.waiting.add(addition);
    // Who only adds learns of a failure with what comes next.
    const before = this.last;
    this.last = written.catch(() => undefined).then(() => before);
    this.surroundings.commits.request(this);
    return written;
  }

  private failWith(error: unknown): void {
    this.failure = error;
    this.lost = this.waiting.failAll(error);
  }

  private endedWith({ events, end }: Addition, eventIdBefore: number, endedAt: Date): RunRecord {
    const { run } = this.lease;
    const shown = events.filter(({ kind }) => isShown(run, kind)).length;
    return { ...run, ...end, endedAt, eventId: eventIdBefore + shown };
  }

  private watch(addition: Addition): void {
    const { run } = this.lease;
    countAddition(run, addition);
    if (addition.end) this.surroundings.tracer.ended(run);
  }

  private publish({ events, end }: Addition, eventIdBefore: number, recordedAt: Date): void {
    const { run } = this.lease;
    const shown = events.filter(({ kind }) => isShown(run, kind));
    if (shown.length === 0) return;
    this.surroundings.livePages.publish(logNameOf(run), {
      events: shown.map((event, index) => ({
        id: eventIdBefore + index + 1,
        data: shownEvent(run, { event, recordedAt }),
      })),
      isEnded: end !== undefined,
    });
  }
}
