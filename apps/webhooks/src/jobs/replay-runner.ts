import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ulid } from 'ulid';
import { Clock } from '../domain/clock.js';
import { completedData } from '../domain/job.js';
import { watchFanOut } from '../intake/watch-fan-out.js';
import { Database, type Queryable } from '../storage/database.js';
import { EventWeeks } from '../storage/event-weeks.js';
import { FanOut } from '../storage/fan-out.js';
import { JobRecords } from '../storage/job-records.js';
import { ReplayStore } from '../storage/replay-store.js';

const LOOK_EVERY_MS = 500;
/** A slice takes well under a second; a job whose process died goes on elsewhere after this. */
const LEASE_MS = 15_000;
const SLICE_MAX = 1_000;

/**
 * Works on replays, one at a time in each process. A slice of events and the job's place behind them are one commit:
 * after a crash the next process goes on there, and each event is queued once.
 */
@Injectable()
export class ReplayRunner implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('replay');
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(
    private readonly database: Database,
    private readonly store: ReplayStore,
    private readonly jobs: JobRecords,
    private readonly fanOut: FanOut,
    private readonly weeks: EventWeeks,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.lookAgain(0);
  }

  async onModuleDestroy(): Promise<void> {
    await this.stopLooking();
  }

  /** Ends with the slice that runs; the job goes on elsewhere once its lease is over. */
  async stopLooking(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.working;
  }

  /** Works on the oldest open job until it has ended, in its own pace. Returns whether there was one. */
  async runNext(pause: (durationMs: number) => Promise<void> = wait): Promise<boolean> {
    const now = this.clock.now();
    const id = await this.store.claim(this.database.across, new Date(now), new Date(now + LEASE_MS));
    if (id === undefined) return false;
    let waitMs = 0;
    while (waitMs !== ENDED) {
      await pause(waitMs);
      if (this.isStopped && pause === wait) return true;
      waitMs = await this.database.transactionAcross((transaction) => this.slice(transaction, id));
    }
    return true;
  }

  /** Returns how long to wait until the next slice. */
  private async slice(transaction: Queryable, id: string): Promise<number> {
    const job = await this.store.lock(transaction, id);
    if (!job) return ENDED;
    const now = new Date(this.clock.now());
    const target = await this.store.target(transaction, job.endpointId);
    if (!target) return this.end(transaction, id, 'failed', 'The endpoint is gone.');
    const limit = Math.min(SLICE_MAX, Math.max(1, Math.floor(job.request.ratePerS)));
    const leasedUntil = new Date(now.getTime() + LEASE_MS);
    const taken = await this.store.advance(transaction, job, target, { limit, now, leasedUntil });
    if (taken < limit) return this.end(transaction, id, 'succeeded', null);
    return Math.ceil((limit * 1_000) / job.request.ratePerS);
  }

  /** The workspace hears of it in the same commit. */
  private async end(
    transaction: Queryable,
    id: string,
    status: 'succeeded' | 'failed',
    error: string | null,
  ): Promise<number> {
    const now = new Date(this.clock.now());
    const job = await this.jobs.end(transaction, id, { status, error, at: now });
    if (!job) return ENDED;
    await this.weeks.ensure([now]);
    const event = {
      ...{ id: `evt_${ulid(now.getTime())}`, workspaceId: job.workspaceId, type: 'job.completed' },
      ...{ createdAt: now, data: JSON.stringify(completedData(job)), isPlatform: true, traceparent: null },
    };
    await watchFanOut({ source: 'service' }, [event], (told) => this.fanOut.tell(transaction, told, now));
    return ENDED;
  }

  private lookAgain(afterMs: number): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => {
      this.working = this.runNext()
        .catch((error) => {
          this.logger.warn(error);
          return false;
        })
        .then((found) => this.lookAgain(found ? 0 : LOOK_EVERY_MS));
    }, afterMs);
  }
}

const ENDED = -1;

function wait(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
