import { agents } from '@magistry/contracts';
import { type NatsConnection, onBroadcast } from '@magistry/messaging';
import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { logNameOf, type Run, type RunRecord } from '../domain/run.js';
import { type Lease, LeaseLost } from '../storage/lease.js';
import { countStart, countStop } from './metrics.js';
import { type ExecutionSurroundings, RunExecution, type StopReason } from './run-execution.js';

export interface RunnerOptions {
  /** A process that has not renewed its lease for so long is taken for dead. */
  readonly leaseMs: number;
  /** How often runs that nobody executes are looked for. */
  readonly lookEveryMs: number;
  /** Runs that a process executes at once; sub-runs come on top, for somebody waits for them: taken over ones, too. */
  readonly runsMax: number;
}

/** A run that failed unexpectedly is taken up again behind this part of a lease. */
const FAULT_WAITS = 6;

export const RUNNER_OPTIONS: RunnerOptions = { leaseMs: 6_000, lookEveryMs: 1_000, runsMax: 64 };

/** Told of what nobody expected of a run. */
export type FaultListener = (run: Run, error: unknown) => void;

interface Running {
  readonly lease: Lease;
  readonly controller: AbortController;
  readonly ended: Promise<unknown>;
}

/** The runs that this process executes: its own, and those that another process left. */
export class Runner implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('runner');
  private readonly running = new Map<string, Running>();
  private looking: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopListening: (() => void) | undefined;
  private isLeaving = false;

  constructor(
    private readonly surroundings: Omit<ExecutionSurroundings, 'start' | 'leaseMs'>,
    private readonly nats: NatsConnection,
    private readonly options: RunnerOptions,
    private readonly onFault: FaultListener,
  ) {}

  get leaseMs(): number {
    return this.options.leaseMs;
  }

  /** Whether a new run may be executed here at once. */
  get hasRoom(): boolean {
    return !this.isLeaving && this.room > 0;
  }

  onApplicationBootstrap(): void {
    this.stopListening = onBroadcast(this.nats, agents.RUN_CANCELLED, (name) => this.stop(name, 'cancelled'));
    this.timer = setInterval(() => this.look(), this.options.lookEveryMs);
    this.look();
  }

  /** Lets go of every run where it stands; another process goes on at once. */
  async onModuleDestroy(): Promise<void> {
    this.isLeaving = true;
    clearInterval(this.timer);
    this.stopListening?.();
    await this.looking;
    const left = [...this.running.values()];
    for (const { controller } of left) controller.abort('leaving' satisfies StopReason);
    await Promise.all(left.map(({ ended }) => ended));
  }

  /** Executes a run that is this process's. */
  readonly start = (lease: Lease): void => {
    const name = logNameOf(lease.run);
    const controller = new AbortController();
    countStart(lease);
    const ended = this.execute(lease, controller).finally(() => {
      this.running.delete(name);
      countStop();
      // The next message of its session waits for this one.
      if (lease.run.kind === 'message') this.look();
    });
    this.running.set(name, { lease, controller, ended });
    this.surroundings.runEnds.endsHere(name, ended);
  };

  stop(logName: string, reason: StopReason): void {
    this.running.get(logName)?.controller.abort(reason);
  }

  /** Looks for runs that nobody executes; one look at a time. */
  look(): void {
    if (this.isLeaving) return;
    this.looking ??= this.claim()
      .catch((error) => this.logger.warn(error))
      .finally(() => {
        this.looking = undefined;
      });
  }

  private async claim(): Promise<void> {
    const { runsMax } = this.options;
    const leases = await this.surroundings.log.claim(this.room, runsMax, this.leaseMs);
    for (const lease of leases) this.start(lease);
  }

  // A process that is full of runs that wait for their sub-runs would wait until their time limits otherwise.
  private get room(): number {
    const tops = [...this.running.values()].filter(({ lease }) => lease.run.parentId === null);
    return Math.max(0, this.options.runsMax - tops.length);
  }

  private async execute(lease: Lease, controller: AbortController): Promise<RunRecord | undefined> {
    const { run } = lease;
    const { clock, log } = this.surroundings;
    const deadline = setTimeout(
      () => controller.abort('deadline' satisfies StopReason),
      run.deadlineAt.getTime() - clock.now(),
    );
    const renewal = setInterval(() => {
      log.renew(lease, this.leaseMs).catch((error) => {
        // Ended or taken over: then nothing of what it still does would be kept.
        if (error instanceof LeaseLost) controller.abort('cancelled' satisfies StopReason);
      });
    }, this.leaseMs / 3);
    const surroundings = { ...this.surroundings, start: this.start, leaseMs: this.leaseMs };
    try {
      return await RunExecution.execute(surroundings, lease, controller.signal);
    } catch (error) {
      this.onFault(run, error);
      // A fault of the moment may be over a moment later: nobody takes the run up before.
      await log.renew(lease, this.leaseMs / FAULT_WAITS).catch(() => undefined);
      return undefined;
    } finally {
      clearTimeout(deadline);
      clearInterval(renewal);
      if (controller.signal.reason === ('leaving' satisfies StopReason)) await this.letGo(lease);
    }
  }

  // Where that cannot be told, the lease runs out.
  private async letGo(lease: Lease): Promise<void> {
    await this.surroundings.log.release(lease).catch(() => undefined);
  }
}
