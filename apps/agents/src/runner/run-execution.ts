import type { Turn } from '../domain/conversation.js';
import { outputOf, UnfitAnswer } from '../domain/output.js';
import { nextMove, type Progress, progressOf } from '../domain/progress.js';
import type { FailureCode, Outcome, RunRecord } from '../domain/run.js';
import type { ToolCall } from '../domain/run-event.js';
import { ModelFailure } from '../models/language-model.js';
import type { Models } from '../models/models.js';
import type { AgentRegistry } from '../registry/agent-registry.js';
import type { CostLedger } from '../storage/cost-ledger.js';
import { type Lease, LeaseLost } from '../storage/lease.js';
import type { RunLog } from '../storage/run-log.js';
import type { Toolbox } from '../tools/toolbox.js';
import { delegate, type OfferedAgent, offeredAgents } from './delegation.js';
import { EventWriter, type WriterSurroundings } from './event-writer.js';
import { countSpent } from './metrics.js';
import { BudgetSpent, ModelCall, requireCallsLeft } from './model-call.js';
import type { RunEnds } from './run-ends.js';
import { useTool } from './tool-use.js';

export interface ExecutionSurroundings extends WriterSurroundings {
  readonly log: RunLog;
  readonly leaseMs: number;
  readonly costs: CostLedger;
  readonly models: Models;
  readonly toolbox: Toolbox;
  readonly registry: AgentRegistry;
  readonly runEnds: RunEnds;
  readonly start: (lease: Lease) => void;
}

/** A run that has failed unexpectedly in so many hands is ended. */
const EPOCHS_MAX = 5;
/** Of a session, what the model is told at most. */
const TURNS_MAX = 40;

/** Why an execution is stopped from outside. */
export type StopReason = 'deadline' | 'cancelled' | 'leaving';

/**
 * Executes one run from wherever its log says that it is: do what comes next, add it to the log. What another process
 * has done of it before is in the log, and is not done again.
 */
export class RunExecution {
  private agents: Promise<readonly OfferedAgent[]> | undefined;
  private turns: Promise<readonly Turn[]> | undefined;

  private constructor(
    private readonly surroundings: ExecutionSurroundings,
    private readonly writer: EventWriter,
    private readonly signal: AbortSignal,
  ) {}

  /** Resolves when the run has ended, or is another process's to go on with. Throws what nobody expected. */
  static async execute(
    surroundings: ExecutionSurroundings,
    lease: Lease,
    signal: AbortSignal,
  ): Promise<void> {
    const entries = lease.entries ?? (await surroundings.log.read(lease.run));
    const writer = new EventWriter(surroundings, lease, progressOf(entries));
    await new RunExecution(surroundings, writer, signal).execute();
  }

  private async execute(): Promise<void> {
    try {
      while (await this.step()) this.signal.throwIfAborted();
    } catch (error) {
      await this.settleLate();
      await this.end(error);
    }
  }

  private get run(): RunRecord {
    return this.writer.lease.run;
  }

  /** False once the run has ended. */
  private async step(): Promise<boolean> {
    const { progress } = this.writer;
    const move = nextMove(progress);
    switch (move.kind) {
      case 'ask-model':
        await this.askModel(move.call, progress);
        return true;
      case 'use-tools':
        await this.useTools(move.calls);
        return true;
      case 'finish':
        await this.finish(move.text, progress);
        return false;
    }
  }

  private async askModel(call: number, progress: Progress): Promise<void> {
    const { toolbox, log, costs, models, clock } = this.surroundings;
    requireCallsLeft(this.run, call);
    this.turns ??= log.earlierTurns(this.run, TURNS_MAX);
    const [agents, turns, own] = await Promise.all([this.offeredAgents(), this.turns, toolbox.of(this.run)]);
    const tools = [...own, ...agents.map(({ tool }) => tool)];
    const now = () => clock.date();
    const modelCall = new ModelCall({ costs, models, writer: this.writer, now }, this.writer.lease, call);
    await modelCall.execute(progress, turns, tools, this.signal);
  }

  private async useTools(calls: readonly ToolCall[]): Promise<void> {
    const { run, writer, signal } = this;
    const tools = await this.surroundings.toolbox.of(run);
    const agents = await this.offeredAgents();
    for (const call of calls) {
      signal.throwIfAborted();
      const agent = agents.find(({ tool }) => tool.name === call.tool);
      const tool = tools.find(({ name }) => name === call.tool);
      if (agent) await this.delegate(agent, call);
      else await useTool({ run, writer, signal }, tool, call, writer.progress);
    }
  }

  private delegate(agent: OfferedAgent, call: ToolCall): Promise<void> {
    const { log, leaseMs, clock, start, runEnds } = this.surroundings;
    const { writer, signal } = this;
    const untilEnded = async (key: { workspaceId: number; id: string }) => {
      const find = (workspaceId: number, id: string) => log.find(workspaceId, id);
      const ended = await runEnds.untilEnded(key, find, signal);
      signal.throwIfAborted();
      return ended;
    };
    const now = () => clock.date();
    const surroundings = { log, writer, now, leaseMs, start, untilEnded };
    return delegate(surroundings, writer.lease, agent, call, writer.progress);
  }

  /** Read once: who may be asked does not change under a run. */
  private offeredAgents(): Promise<readonly OfferedAgent[]> {
    const { run } = this;
    this.agents ??= this.surroundings.registry
      .findSubAgents(run.workspaceId, run.definition)
      .then((definitions) => offeredAgents(run, definitions));
    return this.agents;
  }

  private async finish(text: string, { usage }: Progress): Promise<void> {
    const { definition, kind } = this.run;
    const output = kind === 'message' ? { content: text } : outputOf(definition, text);
    await this.writer.commit({
      events: [{ kind: 'finished', output, usage }],
      end: { status: 'success', outcome: { output } },
    });
  }

  /** An answer that came behind the run's end is in no log, but is paid. */
  private async settleLate(): Promise<void> {
    const { costs, clock } = this.surroundings;
    const settlement = await this.writer.lateSettlement();
    if (!settlement) return;
    await costs.settleUnanswered(this.writer.lease, settlement, clock.date());
    countSpent(settlement.usage, settlement.micros);
  }

  private async end(error: unknown): Promise<void> {
    if (error instanceof LeaseLost) return;
    const reason = this.signal.aborted ? (this.signal.reason as StopReason) : undefined;
    if (reason === 'cancelled' || reason === 'leaving') return;
    if (reason === 'deadline') return this.fail('timeout', 'The run did not end within its time limit.');
    if (error instanceof BudgetSpent || error instanceof ModelFailure || error instanceof UnfitAnswer)
      return this.fail('execution_failed', `The run failed: ${error.message}.`);
    // A fault of the moment is no reason to end a run: it is gone on with, here or elsewhere, but not for ever.
    if (this.writer.lease.epoch < EPOCHS_MAX) throw error;
    await this.fail('internal_error', 'Something went wrong on our side.');
    throw error;
  }

  private async fail(code: FailureCode, message: string): Promise<void> {
    const outcome: Outcome = { error: { code, message } };
    try {
      await this.writer.commit({
        events: [{ kind: 'failed', code, message }],
        end: { status: 'failed', outcome },
      });
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
    }
  }
}
