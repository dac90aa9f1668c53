import { ContextTooLarge } from '../domain/context-window.js';
import { outputOf, UnfitAnswer } from '../domain/output.js';
import { nextMove, type Progress, progressOf } from '../domain/progress.js';
import type { FailureCode, Outcome } from '../domain/run.js';
import type { ToolCall } from '../domain/run-event.js';
import { ModelFailure } from '../models/language-model.js';
import type { Models } from '../models/models.js';
import type { AgentRegistry } from '../registry/agent-registry.js';
import type { CostLedger } from '../storage/cost-ledger.js';
import { type Lease, LeaseLost } from '../storage/run-log.js';
import type { SessionMemories } from '../storage/session-memories.js';
import type { Toolbox } from '../tools/toolbox.js';
import { BudgetSpent } from './call-costs.js';
import { delegate, type OfferedAgent, offeredAgents } from './delegation.js';
import { EventWriter, type WriterSurroundings } from './event-writer.js';
import { ModelCall, requireCallsLeft } from './model-call.js';
import type { Recall, Recalled } from './recall.js';
import type { RunEnds } from './run-ends.js';
import { SummaryCall } from './summary-call.js';
import { useTool } from './tool-use.js';

export interface ExecutionSurroundings extends WriterSurroundings {
  readonly costs: CostLedger;
  readonly models: Models;
  readonly toolbox: Toolbox;
  readonly registry: AgentRegistry;
  readonly runEnds: RunEnds;
  readonly memories: SessionMemories;
  readonly recall: Recall;
  readonly start: (lease: Lease) => void;
}

/** A run that has failed unexpectedly in so many hands is ended. */
const EPOCHS_MAX = 5;

/** Why an execution is stopped from outside. */
export type StopReason = 'deadline' | 'cancelled' | 'leaving';

/**
 * Executes one run from wherever its log says that it is: read the log, do what comes next, add it to the log. What
 * another process has done of it before is in the log, and is not done again.
 */
export class RunExecution {
  private readonly writer: EventWriter;
  private recalled: Recalled | undefined;

  constructor(
    private readonly surroundings: ExecutionSurroundings,
    private readonly lease: Lease,
    private readonly signal: AbortSignal,
  ) {
    this.writer = new EventWriter(surroundings, lease);
  }

  /** Resolves when the run has ended, or is another process's to go on with. Throws what nobody expected. */
  async execute(): Promise<void> {
    try {
      while (await this.step()) this.signal.throwIfAborted();
    } catch (error) {
      await this.end(error);
    }
  }

  /** False once the run has ended. */
  private async step(): Promise<boolean> {
    const { log } = this.surroundings;
    const { run } = this.lease;
    const progress = progressOf(await log.read(run));
    const move = nextMove(progress);
    switch (move.kind) {
      case 'ask-model':
        await this.askModel(move.call, progress);
        return true;
      case 'use-tools':
        await this.useTools(move.calls, progress);
        return true;
      case 'finish':
        await this.finish(move.text, progress);
        return false;
    }
  }

  private async askModel(call: number, progress: Progress): Promise<void> {
    const { toolbox, clock, recall } = this.surroundings;
    const { run } = this.lease;
    requireCallsLeft(run, progress);
    const agents = await this.offeredAgents();
    const tools = [...toolbox.of(run), ...agents.map(({ tool }) => tool)];
    const surroundings = { ...this.surroundings, writer: this.writer, now: () => clock.date() };
    this.recalled ??= await recall.recall(run);
    const { recalled } = this;
    // Once for a message, before its first answer: what it is asked with stays the same from then on.
    const mayFold = progress.steps.length === 0 && !progress.isMemoryKept;
    const fold = mayFold ? await recall.fold(run, recalled, tools) : undefined;
    if (fold) {
      this.recalled = undefined;
      return new SummaryCall(surroundings, this.lease, call).execute(recalled.memory, fold, this.signal);
    }
    await new ModelCall(surroundings, this.lease, call).execute(progress, recalled, tools, this.signal);
  }

  private async useTools(calls: readonly ToolCall[], progress: Progress): Promise<void> {
    const { run } = this.lease;
    const tools = this.surroundings.toolbox.of(run);
    const agents = await this.offeredAgents();
    const delegations = new Map(progress.subRuns);
    for (const call of calls) {
      this.signal.throwIfAborted();
      const agent = agents.find(({ tool }) => tool.name === call.tool);
      if (agent) {
        await this.delegate(agent, call, { ...progress, subRuns: delegations });
        delegations.set(call.id, '');
      } else {
        const tool = tools.find(({ name }) => name === call.tool);
        await useTool({ run, writer: this.writer, signal: this.signal }, tool, call, progress);
      }
    }
  }

  private delegate(agent: OfferedAgent, call: ToolCall, progress: Progress): Promise<void> {
    const { log, leaseMs, clock, start, runEnds } = this.surroundings;
    const untilEnded = async (key: { workspaceId: number; id: string }) => {
      const find = (workspaceId: number, id: string) => log.find(workspaceId, id);
      const ended = await runEnds.untilEnded(key, find, this.signal);
      this.signal.throwIfAborted();
      return ended;
    };
    const now = () => clock.date();
    const surroundings = { log, writer: this.writer, now, leaseMs, start, untilEnded };
    return delegate(surroundings, this.lease, agent, call, progress);
  }

  private async offeredAgents(): Promise<OfferedAgent[]> {
    const { run } = this.lease;
    const { registry } = this.surroundings;
    return offeredAgents(run, await registry.findSubAgents(run.workspaceId, run.definition));
  }

  private async finish(text: string, { usage }: Progress): Promise<void> {
    const { definition, kind } = this.lease.run;
    const output = kind === 'message' ? { content: text } : outputOf(definition, text);
    await this.writer.commit({
      events: [{ kind: 'finished', output, usage }],
      end: { status: 'success', outcome: { output } },
    });
  }

  private async end(error: unknown): Promise<void> {
    if (error instanceof LeaseLost) return;
    const reason = this.signal.aborted ? (this.signal.reason as StopReason) : undefined;
    if (reason === 'cancelled' || reason === 'leaving') return;
    if (reason === 'deadline') return this.fail('timeout', 'The run did not end within its time limit.');
    if (isExpected(error)) return this.fail('execution_failed', `The run failed: ${error.message}.`);
    // A fault of the moment is no reason to end a run: it is gone on with, here or elsewhere, but not for ever.
    if (this.lease.epoch < EPOCHS_MAX) throw error;
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

function isExpected(error: unknown): error is Error {
  return [BudgetSpent, ModelFailure, UnfitAnswer, ContextTooLarge].some((kind) => error instanceof kind);
}
