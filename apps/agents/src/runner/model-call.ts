import { conversationOf, instructionsOf, type Turn } from '../domain/conversation.js';
import { refusalOf } from '../domain/cost-limits.js';
import { affordableTokens, costMicros, type Price, priceOf, reservedMicros } from '../domain/prices.js';
import { type Progress, Retelling } from '../domain/progress.js';
import type { Run } from '../domain/run.js';
import type { ToolCall, Usage } from '../domain/run-event.js';
import {
  type LanguageModel,
  ModelFailure,
  type ModelPart,
  type ModelRequest,
  type OfferedTool,
} from '../models/language-model.js';
import type { Models } from '../models/models.js';
import type { CostLedger } from '../storage/cost-ledger.js';
import type { Lease } from '../storage/lease.js';
import { type EventWriter, ReservationRefused } from './event-writer.js';
import { countSpent, ModelCallWatch } from './metrics.js';

const COMPLETION_TOKENS_MAX = 2_048;
const CHARACTERS_PER_TOKEN = 4;

/** The run may spend no more. */
export class BudgetSpent extends Error {}

interface Surroundings {
  readonly costs: CostLedger;
  readonly models: Models;
  readonly writer: EventWriter;
  readonly now: () => Date;
}

/** One call of the model: reserved before it, journaled with its answer, retold where a crash broke it off. */
export class ModelCall {
  private said = '';

  constructor(
    private readonly surroundings: Surroundings,
    private readonly lease: Lease,
    private readonly call: number,
  ) {}

  /** `turns`: what the session's messages before this one said. */
  async execute(
    progress: Progress,
    turns: readonly Turn[],
    tools: readonly OfferedTool[],
    signal: AbortSignal,
  ): Promise<void> {
    const { run } = this.lease;
    const { name, model } = await this.surroundings.models.choose(run);
    const price = priceOf(name);
    const request = this.affordable(price, {
      idempotencyKey: `${run.id}:model-${this.call}`,
      model: name,
      instructions: instructionsOf(run),
      messages: conversationOf(run, turns, progress),
      tools,
      completionTokensMax: COMPLETION_TOKENS_MAX,
    });
    await this.reserve(request, price);
    const watch = new ModelCallWatch();
    try {
      await this.hear(model, request, price, progress, watch, signal);
      watch.ended('ok');
    } catch (error) {
      watch.ended(signal.aborted ? 'stopped' : 'failed');
      if (isLastWord(error, signal)) await this.settleUnanswered(request, price);
      throw error;
    }
  }

  /** An answer may be as long as the budget of one call allows. */
  private affordable(price: Price, request: ModelRequest): ModelRequest {
    const { callMicrosMax } = this.lease.run.grant;
    const prompt = promptOf(request);
    const completionTokensMax = affordableTokens(price, prompt, request.completionTokensMax, callMicrosMax);
    if (completionTokensMax > 0) return { ...request, completionTokensMax };
    throw new BudgetSpent(`one model call may cost ${callMicrosMax} micros, and its prompt alone costs more`);
  }

  private async reserve(request: ModelRequest, price: Price): Promise<void> {
    const { call } = this;
    const { writer, now } = this.surroundings;
    const micros = reservedMicros(price, promptOf(request), request.completionTokensMax);
    const reserved = { call, model: request.model, priceVersion: price.version, micros };
    try {
      await writer.commit({ events: [{ kind: 'model-called', call }], reserved });
    } catch (error) {
      if (!(error instanceof ReservationRefused)) throw error;
      const { limit } = error;
      throw new BudgetSpent(limit ? refusalOf(limit, now()) : 'the budget does not allow another model call');
    }
  }

  private async hear(
    model: LanguageModel,
    request: ModelRequest,
    price: Price,
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
      if (part.kind === 'answered') await this.answered(part, price);
      else if (part.kind === 'text') await this.tell('text', text.next(part.delta));
      else await this.tell('thinking', thinking.next(part.delta));
    }
  }

  private async tell(kind: 'text' | 'thinking', delta: string): Promise<void> {
    if (delta === '') return;
    if (kind === 'text') this.said += delta;
    await this.surroundings.writer.add({ kind, call: this.call, delta });
  }

  private async answered(part: ModelPart & { kind: 'answered' }, price: Price): Promise<void> {
    const { call, said } = this;
    const { usage } = part;
    const toolCalls = part.asked.map(
      ({ tool, input }, place): ToolCall => ({ id: `call_${call}_${place + 1}`, tool, input }),
    );
    const micros = costMicros(price, usage);
    await this.surroundings.writer.add(
      { kind: 'model-answered', call, text: said, toolCalls, usage, costMicros: micros },
      { call, usage, micros },
    );
  }

  // A call that was broken off has cost its prompt, and what was heard of it.
  private async settleUnanswered(request: ModelRequest, price: Price): Promise<void> {
    const { costs, now } = this.surroundings;
    const usage: Usage = {
      promptTokens: tokensOf(promptOf(request)),
      completionTokens: tokensOf(this.said),
    };
    const settled = { call: this.call, usage, micros: costMicros(price, usage) };
    await costs.settleUnanswered(this.lease, settled, now());
    countSpent(usage, settled.micros);
  }
}

/** Whether a run may be asked once more. */
export function requireCallsLeft({ grant }: Run, call: number): void {
  if (call > grant.modelCallsMax)
    throw new BudgetSpent(`the agent may ask its model ${grant.modelCallsMax} times, and has`);
}

// Whatever else went wrong, another process makes the call again, and settles it.
function isLastWord(error: unknown, { aborted, reason }: AbortSignal): boolean {
  return error instanceof ModelFailure || (aborted && reason !== 'leaving');
}

function promptOf({ instructions, messages, tools }: ModelRequest): string {
  return instructions + JSON.stringify(messages) + JSON.stringify(tools);
}

function tokensOf(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}
