import { costMicros, type Price, priceOf, reservedMicros } from '../domain/prices.js';
import type { Usage } from '../domain/run-event.js';
import type { ModelRequest } from '../models/language-model.js';
import type { CostLedger } from '../storage/cost-ledger.js';
import type { Lease, RunLog } from '../storage/run-log.js';

const CHARACTERS_PER_TOKEN = 4;

/** The run may spend no more. */
export class BudgetSpent extends Error {}

export interface CostSurroundings {
  readonly log: RunLog;
  readonly costs: CostLedger;
  readonly now: () => Date;
}

/** What one call of a model costs: reserved before it, by the very prompt that is sent; exact with its answer. */
export class CallCosts {
  private readonly price: Price;

  constructor(
    private readonly surroundings: CostSurroundings,
    private readonly lease: Lease,
    private readonly call: number,
    private readonly request: ModelRequest,
  ) {
    this.price = priceOf(request.model);
  }

  /** Throws `BudgetSpent`. A call that a crash broke off has its reservation already. */
  async reserve(): Promise<void> {
    const { log, costs, now } = this.surroundings;
    const { run } = this.lease;
    const { request, price, call } = this;
    const root = run.rootId === run.id ? run : await log.find(run.workspaceId, run.rootId);
    if (!root) throw new Error(`the root of ${run.id} is gone`);
    const micros = reservedMicros(price, promptOf(request), request.completionTokensMax);
    const reservation = { call, model: request.model, priceVersion: price.version, micros };
    if (await costs.reserve(run, root.grant.microsMax, reservation, now())) return;
    throw new BudgetSpent('the budget does not allow another model call');
  }

  micros(usage: Usage): number {
    return costMicros(this.price, usage);
  }

  /** A call that was broken off for good has cost its prompt, and what was heard of it. */
  async settleUnanswered(said: string): Promise<void> {
    const { costs, now } = this.surroundings;
    const usage = { promptTokens: tokensOf(promptOf(this.request)), completionTokens: tokensOf(said) };
    await costs.settleUnanswered(this.lease, this.call, { usage, micros: this.micros(usage) }, now());
  }
}

function promptOf({ instructions, messages, tools }: ModelRequest): string {
  return instructions + JSON.stringify(messages) + JSON.stringify(tools);
}

function tokensOf(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}
