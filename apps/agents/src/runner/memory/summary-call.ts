import type { RunEvent } from '../../domain/run-event.js';
import type { SessionMemory } from '../../domain/session-memory.js';
import { type Fold, foldedMemory, SUMMARY_INSTRUCTIONS } from '../../domain/summary.js';
import { ModelFailure, type ModelPart, type ModelRequest } from '../../models/language-model.js';
import type { Models } from '../../models/models.js';
import { LeaseLost } from '../../storage/lease.js';
import type { RunLog } from '../../storage/run-log.js';
import { BudgetSpent, CallCosts, type CostSurroundings } from '../call-costs.js';
import { countSpent } from '../metrics.js';
import { isLastWord } from '../model-call.js';

const COMPLETION_TOKENS_MAX = 1_024;

type Summarised = RunEvent & { kind: 'summarised' };

interface Surroundings extends CostSurroundings {
  readonly models: Models;
  readonly log: RunLog;
  readonly leaseMs: number;
}

/**
 * Has the model fold turns into the session's memory: a call with a number, a reservation and an entry of its own.
 * A message is not lost because this fails: its model then knows what it knew before.
 */
export class SummaryCall {
  constructor(
    private readonly surroundings: Surroundings,
    private readonly call: number,
  ) {}

  async execute(memory: SessionMemory, fold: Fold, signal: AbortSignal): Promise<void> {
    const { writer } = this.surroundings;
    try {
      await this.summarise(memory, fold, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ModelFailure || error instanceof BudgetSpent)) throw error;
      await writer.commit({
        events: [{ kind: 'summary-failed', call: this.call, message: error.message }],
      });
    }
  }

  private async summarise(memory: SessionMemory, fold: Fold, signal: AbortSignal): Promise<void> {
    const { models, writer } = this.surroundings;
    const { run } = writer.lease;
    const { name, model } = await models.choose(run);
    const request: ModelRequest = {
      idempotencyKey: `${run.id}:model-${this.call}`,
      model: name,
      instructions: SUMMARY_INSTRUCTIONS,
      messages: [fold.request],
      images: [],
      tools: [],
      completionTokensMax: COMPLETION_TOKENS_MAX,
    };
    const costs = new CallCosts(this.surroundings, this.call, request);
    await costs.reserve();
    let answer: (ModelPart & { kind: 'answered' }) | undefined;
    try {
      for await (const part of model.stream(request, signal)) if (part.kind === 'answered') answer = part;
      signal.throwIfAborted();
      if (!answer || answer.text.trim() === '') throw new ModelFailure('the model wrote no summary');
    } catch (error) {
      if (isLastWord(error, signal)) await costs.settleUnanswered(answer?.text ?? '');
      throw error;
    }
    const { text, usage } = answer;
    const event = { memory: foldedMemory(memory, fold, text), usage, costMicros: costs.micros(usage) };
    await this.keep(event).catch(async (error) => {
      if (error instanceof LeaseLost) await costs.settle(usage);
      throw error;
    });
  }

  private async keep(what: Omit<Summarised, 'kind' | 'call'>): Promise<void> {
    const { writer, log, now, leaseMs } = this.surroundings;
    await writer.drain();
    const event: Summarised = { kind: 'summarised', call: this.call, ...what };
    const at = now();
    writer.committed([event], await log.remember(writer.lease, event, at, leaseMs), at);
    countSpent(event.usage, event.costMicros);
  }
}
