import type { Usage } from '../domain/run-event.js';
import type { SessionMemory } from '../domain/session-memory.js';
import { type Fold, foldedMemory, SUMMARY_INSTRUCTIONS } from '../domain/summary.js';
import { ModelFailure, type ModelPart, type ModelRequest } from '../models/language-model.js';
import type { Models } from '../models/models.js';
import type { Lease } from '../storage/run-log.js';
import type { SessionMemories } from '../storage/session-memories.js';
import { BudgetSpent, CallCosts, type CostSurroundings } from './call-costs.js';
import type { EventWriter } from './event-writer.js';
import { isLastWord } from './model-call.js';

const COMPLETION_TOKENS_MAX = 1_024;

interface Surroundings extends CostSurroundings {
  readonly models: Models;
  readonly memories: SessionMemories;
  readonly writer: EventWriter;
  readonly leaseMs: number;
}

/**
 * Has the model fold turns into the session's memory: a call with a number, a reservation and an entry of its own.
 * A message is not lost because this fails: its model then knows what it knew before.
 */
export class SummaryCall {
  constructor(
    private readonly surroundings: Surroundings,
    private readonly lease: Lease,
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
    const { run } = this.lease;
    const { name, model } = models.choose(run.definition.model?.name);
    const request: ModelRequest = {
      idempotencyKey: `${run.id}:model-${this.call}`,
      model: name,
      instructions: SUMMARY_INSTRUCTIONS,
      messages: [fold.request],
      tools: [],
      completionTokensMax: COMPLETION_TOKENS_MAX,
    };
    const costs = new CallCosts(this.surroundings, this.lease, this.call, request);
    await costs.reserve();
    await writer.add({ kind: 'model-called', call: this.call });
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
    await this.keep(foldedMemory(memory, fold, text), usage, costs.micros(usage));
  }

  private async keep(memory: SessionMemory, usage: Usage, costMicros: number): Promise<void> {
    const { writer, memories, now, leaseMs } = this.surroundings;
    await writer.drain();
    const event = { kind: 'summarised', call: this.call, memory, usage, costMicros } as const;
    await memories.keep(this.lease, event, now(), leaseMs);
  }
}
