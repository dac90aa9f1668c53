import { refusalOf } from '../domain/cost-limits.js';
import {
  affordableTokens,
  costMicros,
  IMAGE_TOKENS,
  type Price,
  priceOf,
  reservedMicros,
} from '../domain/prices.js';
import type { Usage } from '../domain/run-event.js';
import type { ModelRequest } from '../models/language-model.js';
import type { CostLedger } from '../storage/cost-ledger.js';
import { LeaseLost } from '../storage/lease.js';
import { type EventWriter, ReservationRefused } from './event-writer.js';
import { countSpent } from './metrics.js';

const CHARACTERS_PER_TOKEN = 4;

/** The run may spend no more. */
export class BudgetSpent extends Error {}

export interface CostSurroundings {
  readonly costs: CostLedger;
  readonly writer: EventWriter;
  readonly now: () => Date;
}

/** What one call of a model costs: reserved before it, by the very prompt that is sent; exact with its answer. */
export class CallCosts {
  private readonly price: Price;

  constructor(
    private readonly surroundings: CostSurroundings,
    private readonly call: number,
    private readonly request: ModelRequest,
  ) {
    this.price = priceOf(request.model);
  }

  /**
   * Together with the entry that the call begins; resolves once the run is admitted, too. Throws `BudgetSpent`, or
   * `LeaseLost` where the run was refused, and so has ended.
   */
  async reserve(): Promise<void> {
    const { call, price, request } = this;
    const { writer, now } = this.surroundings;
    const micros = reservedMicros(price, promptOf(request), request);
    const reserved = { call, model: request.model, priceVersion: price.version, micros };
    try {
      await writer.commit({ events: [{ kind: 'model-called', call }], reserved });
    } catch (error) {
      if (!(error instanceof ReservationRefused)) throw error;
      const { limit } = error;
      const { caller } = writer.lease.run;
      throw new BudgetSpent(
        limit ? refusalOf(limit, caller, now()) : 'the budget does not allow another model call',
      );
    }
    await writer.lease.admitted?.catch(async () => {
      await this.settle({ promptTokens: 0, completionTokens: 0 });
      throw new LeaseLost();
    });
  }

  micros(usage: Usage): number {
    return costMicros(this.price, usage);
  }

  /** A call that was broken off for good has cost its prompt, and what was heard of it. */
  settleUnanswered(said: string): Promise<void> {
    const { request } = this;
    const promptTokens = tokensOf(promptOf(request)) + request.images.length * IMAGE_TOKENS;
    return this.settle({ promptTokens, completionTokens: tokensOf(said) });
  }

  /** For an answer that is in no log, because the run has ended meanwhile. */
  async settle(usage: Usage): Promise<void> {
    const { costs, writer, now } = this.surroundings;
    const settled = { call: this.call, usage, micros: this.micros(usage) };
    if (await costs.settleUnanswered(writer.lease, settled, now())) countSpent(usage, settled.micros);
  }
}

/** The request with an answer as long as the budget of one call pays for. Throws `BudgetSpent` where it pays none. */
export function affordable(request: ModelRequest, microsMax: number | undefined): ModelRequest {
  if (microsMax === undefined) return request;
  const tokens = affordableTokens(priceOf(request.model), promptOf(request), request, microsMax);
  if (tokens > 0) return { ...request, completionTokensMax: tokens };
  throw new BudgetSpent(`one model call may cost ${microsMax} micros, and its prompt alone costs more`);
}

function promptOf({ instructions, messages, tools }: ModelRequest): string {
  return instructions + JSON.stringify(messages) + JSON.stringify(tools);
}

function tokensOf(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}
