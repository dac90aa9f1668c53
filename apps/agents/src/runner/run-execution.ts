import { ContextTooLarge } from '../domain/context-window.js';
import { withMadeFiles } from '../domain/made-files.js';
import { outputOf, UnfitAnswer } from '../domain/output.js';
import { nextMove, type Progress, progressOf } from '../domain/progress.js';
import type { FailureCode, Outcome, RunRecord } from '../domain/run.js';
import type { ToolCall } from '../domain/run-event.js';
import { ModelFailure } from '../models/language-model.js';
import type { Models } from '../models/models.js';
import type { AgentRegistry } from '../registry/agent-registry.js';
import type { Attachments } from '../storage/attachments.js';
import type { CostLedger } from '../storage/cost-ledger.js';
import { type Lease, LeaseLost } from '../storage/lease.js';
import type { RunLog } from '../storage/run-log.js';
import { type AgentTool, OutcomeUnknown } from '../tools/agent-tool.js';
import type { Toolbox } from '../tools/toolbox.js';
import { BudgetSpent } from './call-costs.js';
import { type BegunCall, carryOut } from './calls-at-once.js';
import { beginDelegation, type OfferedAgent, offeredAgents } from './delegation.js';
import { EventWriter, type WriterSurroundings } from './event-writer.js';
import { type GivenFiles, givenFiles } from './given-files.js';
import type { Recall, Recalled } from './memory/recall.js';
import { SummaryCall } from './memory/summary-call.js';
import { countSpent } from './metrics.js';
import { ModelCall, requireCallsLeft } from './model-call.js';
import type { RunEnds } from './run-ends.js';
import { beginTool } from './tool-use.js';

export interface ExecutionSurroundings extends WriterSurroundings {
  readonly log: RunLog;
  readonly leaseMs: number;
  readonly costs: CostLedger;
  readonly models: Models;
  readonly toolbox: Toolbox;
  readonly registry: AgentRegistry;
  readonly attachments: Attachments;
  readonly runEnds: RunEnds;
  readonly recall: Recall;
  readonly start: (lease: Lease) => void;
}

/** A run that has failed unexpectedly so often is ended. That its processes died is no failure of the run. */
const FAULTS_MAX = 5;

/** Why an execution is stopped from outside. */
export type StopReason = 'deadline' | 'cancelled' | 'leaving';

/**
 * Executes one run from wherever its log says that it is: do what comes next, add it to the log. What another process
 * has done of it before is in the log, and is not done again.
 */
export class RunExecution {
  private agents: Promise<readonly OfferedAgent[]> | undefined;
  private tools: Promise<readonly AgentTool[]> | undefined;
  private recalled: Promise<Recalled> | undefined;
  private files: Promise<GivenFiles> | undefined;

  private constructor(
    private readonly surroundings: ExecutionSurroundings,
    private writer: EventWriter,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * The run as it ended here; undefined when it ended elsewhere, or is another process's to go on with. Throws what
   * nobody expected.
   */
  static async execute(
    surroundings: ExecutionSurroundings,
    lease: Lease,
    signal: AbortSignal,
  ): Promise<RunRecord | undefined> {
    const writer = new EventWriter(surroundings, lease, progressOf([]));
    const execution = new RunExecution(surroundings, writer, signal);
    await execution.execute(lease);
    return execution.writer.ended;
  }

  private async execute(lease: Lease): Promise<void> {
    const { surroundings } = this;
    try {
      const entries = lease.entries ?? (await surroundings.log.read(lease.run));
      this.writer = new EventWriter(surroundings, lease, progressOf(entries));
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
    const { recall, attachments, clock } = this.surroundings;
    requireCallsLeft(this.run, progress);
    this.recalled ??= recall.recall(this.run);
    this.files ??= givenFiles(attachments, this.run);
    const found = [this.offeredAgents(), this.recalled, this.files, this.ownTools()] as const;
    const [agents, recalled, files, own] = await Promise.all(found);
    const tools = [...own, ...agents.map(({ tool }) => tool)];
    const surroundings = { ...this.surroundings, writer: this.writer, now: () => clock.date() };
    // Once for a message, before its first answer: what it is asked with stays the same from then on.
    const mayFold = progress.steps.length === 0 && !progress.isMemoryKept;
    const fold = mayFold ? await recall.fold(this.run, recalled, tools) : undefined;
    if (fold) {
      this.recalled = undefined;
      return new SummaryCall(surroundings, call).execute(recalled.memory, fold, this.signal);
    }
    await new ModelCall(surroundings, call).execute(progress, recalled, files, tools, this.signal);
  }

  private async useTools(calls: readonly ToolCall[]): Promise<void> {
    const { run, writer, signal } = this;
    const [tools, agents] = await Promise.all([this.ownTools(), this.offeredAgents()]);
    const begun: BegunCall[] = [];
    // One after the other: they are in the log in the model's order, and the width of delegation holds exactly.
    for (const call of calls) {
      signal.throwIfAborted();
      const agent = agents.find(({ tool }) => tool.name === call.tool);
      const tool = tools.find(({ name }) => name === call.tool);
      begun.push(await (agent ? this.beginDelegation(agent, call) : beginTool({ run, writer }, tool, call)));
    }
    await writer.drain();
    await carryOut(
      begun,
      (event) => writer.add(event),
      signal,
      async (event) => {
        if (event.kind === 'tool-answered' && !writer.progress.keptResults.has(event.id))
          await writer.add({ ...event, kind: 'tool-finished' });
      },
    );
  }

  private beginDelegation(agent: OfferedAgent, call: ToolCall): Promise<BegunCall> {
    const { log, leaseMs, clock, start, runEnds } = this.surroundings;
    const { writer } = this;
    const untilEnded = (key: { workspaceId: number; id: string }, signal: AbortSignal) => {
      const find = (workspaceId: number, id: string) => log.find(workspaceId, id);
      return runEnds.untilEnded(key, find, signal);
    };
    const now = () => clock.date();
    return beginDelegation({ log, writer, now, leaseMs, start, untilEnded }, writer.lease, agent, call);
  }

  /** Read once: who may be asked does not change under a run. */
  private offeredAgents(): Promise<readonly OfferedAgent[]> {
    const { run } = this;
    this.agents ??= this.surroundings.registry
      .findSubAgents(run.workspaceId, run.definition)
      .then((definitions) => offeredAgents(run, definitions));
    return this.agents;
  }

  /** Read once, too. */
  private ownTools(): Promise<readonly AgentTool[]> {
    this.tools ??= this.surroundings.toolbox.of(this.run);
    return this.tools;
  }

  private async finish(text: string, progress: Progress): Promise<void> {
    const { definition, kind } = this.run;
    const said = kind === 'message' ? { content: text } : outputOf(definition, text);
    const isFree = kind === 'message' || definition.output_schema === undefined;
    const output = isFree ? withMadeFiles(said, progress) : said;
    const { usage } = progress;
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
    if (await costs.settleUnanswered(this.writer.lease, settlement, clock.date()))
      countSpent(settlement.usage, settlement.micros);
  }

  private async end(error: unknown): Promise<void> {
    if (error instanceof LeaseLost) return;
    const reason = this.signal.aborted ? (this.signal.reason as StopReason) : undefined;
    if (reason === 'cancelled' || reason === 'leaving') return;
    if (reason === 'deadline') return this.fail('timeout', 'The run did not end within its time limit.');
    if (isExpected(error)) return this.fail('execution_failed', `The run failed: ${error.message}.`);
    // A fault of the moment is no reason to end a run: it is gone on with, here or elsewhere, but not for ever.
    if (await this.hasFailedTooOften(error))
      await this.fail('internal_error', 'Something went wrong on our side.');
    throw error;
  }

  private async hasFailedTooOften(error: unknown): Promise<boolean> {
    // Asked again until somebody knows, within the run's time limit.
    if (error instanceof OutcomeUnknown) return false;
    // Where it cannot be counted, the fault is the database's.
    const faults = await this.surroundings.log.countFault(this.writer.lease).catch(() => 0);
    return faults >= FAULTS_MAX;
  }

  private async fail(code: FailureCode, message: string): Promise<void> {
    const outcome: Outcome = { error: { code, message } };
    // The end does not need what could not be written, which is in no log.
    this.writer = this.writer.anew();
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
