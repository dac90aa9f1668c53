import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { attemptBehindLimit, nextAttempt } from '../domain/github/command.js';
import { type CommandLease, CommandLost } from '../storage/github-commands.js';
import { CommandExecution, type CommandSurroundings } from './command-execution.js';
import { GithubFailure } from './github-api.js';
import { GivenUp } from './given-up.js';

export interface CommandWorkerOptions {
  /** Longer than a request to GitHub may take. */
  readonly leaseMs: number;
  readonly lookEveryMs: number;
  /** Commands that a process answers at once. */
  readonly commandsMax: number;
}

export const COMMAND_WORKER_OPTIONS: CommandWorkerOptions = {
  leaseMs: 8_000,
  lookEveryMs: 1_000,
  commandsMax: 32,
};

/** Why an execution is stopped from outside. */
type StopReason = 'leaving' | 'lost';

interface Answering {
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/** The commands that this process answers: those that are due and nobody has, or that another process left. */
export class CommandWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('github');
  private readonly answering = new Set<Answering>();
  private looking: Promise<void> | undefined;
  private isRung = false;
  private timer: NodeJS.Timeout | undefined;
  private isLeaving = false;

  constructor(
    private readonly surroundings: CommandSurroundings,
    private readonly options: CommandWorkerOptions,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.look(), this.options.lookEveryMs);
    this.look();
  }

  /** Lets go of every command where it stands; another process goes on at once. */
  async onModuleDestroy(): Promise<void> {
    this.isLeaving = true;
    clearInterval(this.timer);
    await this.looking;
    for (const { controller } of this.answering) controller.abort('leaving' satisfies StopReason);
    await Promise.all([...this.answering].map(({ ended }) => ended));
  }

  /** Looks for commands that are due; one look at a time, and once more for who rings meanwhile. */
  look(): void {
    this.isRung = true;
    this.looking ??= this.claimWhileRung()
      .catch((error) => this.logger.warn(error))
      .finally(() => {
        this.looking = undefined;
      });
  }

  private async claimWhileRung(): Promise<void> {
    while (this.isRung && !this.isLeaving) {
      this.isRung = false;
      const { leaseMs, commandsMax } = this.options;
      const room = commandsMax - this.answering.size;
      if (room <= 0) return;
      const { commands, clock } = this.surroundings;
      for (const lease of await commands.claim(room, leaseMs, clock.date())) this.start(lease);
    }
  }

  private start(lease: CommandLease): void {
    const controller = new AbortController();
    const ended = this.execute(lease, controller)
      .catch((error) => this.logger.warn(error))
      .finally(() => this.answering.delete(answering));
    const answering = { controller, ended };
    this.answering.add(answering);
  }

  private async execute(lease: CommandLease, controller: AbortController): Promise<void> {
    const { commands } = this.surroundings;
    const { leaseMs } = this.options;
    const renewal = setInterval(() => {
      commands.renew(lease, leaseMs).catch((error) => {
        if (error instanceof CommandLost) controller.abort('lost' satisfies StopReason);
      });
    }, leaseMs / 3);
    try {
      await new CommandExecution(this.surroundings, lease, controller.signal).execute();
    } catch (error) {
      if (controller.signal.reason === ('leaving' satisfies StopReason)) await commands.release(lease);
      else if (!(error instanceof CommandLost) && !controller.signal.aborted) await this.fail(lease, error);
    } finally {
      clearInterval(renewal);
    }
  }

  /** Tried again when that may help; given up with its reason in the row when it does not. */
  private async fail(lease: CommandLease, error: unknown): Promise<void> {
    const { commands, clock } = this.surroundings;
    const { command } = lease;
    const reason = error instanceof Error ? error.message : String(error);
    const verdict = error instanceof GithubFailure ? error.verdict : undefined;
    const next =
      verdict?.kind === 'limited'
        ? attemptBehindLimit(command, verdict.freeAt)
        : verdict?.kind === 'final' || error instanceof GivenUp
          ? undefined
          : nextAttempt(command, clock.now());
    if (next) await commands.note(lease, { next: { ...next, reason } });
    else await commands.note(lease, { end: { state: 'given-up', reason, at: clock.date() } });
    const { id, thread } = command;
    const place = `${thread.owner}/${thread.repository}#${thread.number}`;
    const told = next ? `is tried again at ${next.at.toISOString()}` : 'is given up';
    this.logger.warn(`the command ${id} of ${place} ${told}: ${reason}`);
  }
}
