import { SHOWN_CHARACTERS_MAX } from '../domain/attached-file.js';
import { contextWindow } from '../domain/context-window.js';
import { instructionsOf, requestOf } from '../domain/conversation.js';
import { IMAGE_TOKENS } from '../domain/prices.js';
import { type Progress, Retelling } from '../domain/progress.js';
import type { Run } from '../domain/run.js';
import type { ToolCall } from '../domain/run-event.js';
import {
  type LanguageModel,
  ModelFailure,
  type ModelPart,
  type ModelRequest,
  type OfferedTool,
} from '../models/language-model.js';
import type { Models } from '../models/models.js';
import { LeaseLost } from '../storage/lease.js';
import { affordable, BudgetSpent, CallCosts, type CostSurroundings } from './call-costs.js';
import type { GivenFiles } from './given-files.js';
import type { Recalled } from './memory/recall.js';
import { ModelCallWatch } from './metrics.js';

const COMPLETION_TOKENS_MAX = 2_048;
/** About half of what a model is shown may be files. */
const FILES_CHARACTERS_PER_TOKEN = 2;

interface Surroundings extends CostSurroundings {
  readonly models: Models;
}

/** One call of the model: reserved before it, journaled with its answer, retold where a crash broke it off. */
export class ModelCall {
  private said = '';

  constructor(
    private readonly surroundings: Surroundings,
    private readonly call: number,
  ) {}

  async execute(
    progress: Progress,
    { memory, turns, tokensMax }: Recalled,
    { files, images }: GivenFiles,
    tools: readonly OfferedTool[],
    signal: AbortSignal,
  ): Promise<void> {
    const { writer, models } = this.surroundings;
    const { run } = writer.lease;
    const { name, model } = await models.choose(run);
    const { steps } = progress;
    const wordsMax = tokensMax - images.length * IMAGE_TOKENS;
    const filesCharactersMax = Math.min(SHOWN_CHARACTERS_MAX, wordsMax * FILES_CHARACTERS_PER_TOKEN);
    const instructions = instructionsOf(run);
    const sayable = {
      instructions,
      memory,
      turns,
      request: requestOf(run, files, filesCharactersMax),
      steps,
    };
    const wanted: ModelRequest = {
      idempotencyKey: `${run.id}:model-${this.call}`,
      model: name,
      instructions,
      messages: contextWindow({ ...sayable, tools: JSON.stringify(tools) }, wordsMax),
      images,
      tools,
      completionTokensMax: COMPLETION_TOKENS_MAX,
    };
    const request = affordable(wanted, run.grant.callMicrosMax);
    const costs = new CallCosts(this.surroundings, this.call, request);
    await costs.reserve();
    const watch = new ModelCallWatch();
    try {
      await this.hear(model, request, costs, progress, watch, signal);
      watch.ended('ok');
    } catch (error) {
      watch.ended(signal.aborted ? 'stopped' : 'failed');
      if (isLastWord(error, signal)) await costs.settleUnanswered(this.said);
      throw error;
    }
  }

  private async hear(
    model: LanguageModel,
    request: ModelRequest,
    costs: CallCosts,
    { openText, openThinking }: Progress,
    watch: ModelCallWatch,
    signal: AbortSignal,
  ): Promise<void> {
    const text = new Retelling(openText);
    const thinking = new Retelling(openThinking);
    this.said = openText;
    for await (const part of model.stream(request, signal)) {
      signal.throwIfAborted();
      watch.heard();
      if (part.kind === 'answered') await this.answered(part, costs);
      else if (part.kind === 'text') await this.tell('text', text.next(part.delta));
      else await this.tell('thinking', thinking.next(part.delta));
    }
  }

  private async tell(kind: 'text' | 'thinking', delta: string): Promise<void> {
    if (delta === '') return;
    if (kind === 'text') this.said += delta;
    await this.surroundings.writer.add({ kind, call: this.call, delta });
  }

  private async answered(part: ModelPart & { kind: 'answered' }, costs: CallCosts): Promise<void> {
    const { call, said } = this;
    const { usage } = part;
    const toolCalls = part.asked.map(
      ({ tool, input }, place): ToolCall => ({ id: `call_${call}_${place + 1}`, tool, input }),
    );
    const micros = costs.micros(usage);
    const settled = { call, usage, micros };
    const event = { kind: 'model-answered', call, text: said, toolCalls, usage, costMicros: micros } as const;
    await this.surroundings.writer.add(event, settled).catch(async (error) => {
      if (error instanceof LeaseLost) await costs.settle(usage);
      throw error;
    });
  }
}

/** Whether a run may be asked once more. */
export function requireCallsLeft({ grant }: Run, { steps }: Progress): void {
  if (steps.length >= grant.modelCallsMax)
    throw new BudgetSpent(`the agent may ask its model ${grant.modelCallsMax} times, and has`);
}

/**
 * Whether a call ends with its error. After any other, another process makes the call again, and settles it; after a
 * lost lease too, where the run has not ended, which the ledger knows.
 */
export function isLastWord(error: unknown, { aborted, reason }: AbortSignal): boolean {
  return error instanceof ModelFailure || error instanceof LeaseLost || (aborted && reason !== 'leaving');
}
