import { decisions, planner, type RequestContext } from '@magistry/contracts';
import type { Caller } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { type Rules, rulesOf } from '../domain/policy.js';
import { JoinedReads } from './joined-reads.js';

/** The policy in force as the ledger knows it: as it is told and as it is judged by. */
export interface LedgerHead {
  readonly policy: planner.Policy;
  readonly rules: Rules;
}

const DEFAULT_POLICY = planner.policy.parse({});

/** Heads of ledgers. A policy that another process changed is noticed by the writer, so 5 s are harmless. */
export class LedgerHeads {
  private readonly heads = new JoinedReads<LedgerHead>({ keysMax: 1_000, keptMs: 5_000 });

  constructor(private readonly caller: Caller) {}

  get(context: RequestContext): Promise<LedgerHead> {
    return this.heads.get(keyOf(context), () => this.read(context));
  }

  /** The head as it is now. */
  renew(context: RequestContext): Promise<LedgerHead> {
    return this.heads.renew(keyOf(context), () => this.read(context));
  }

  /** Forgets a head that turned out to be of the past. */
  forget(context: RequestContext, head: Promise<LedgerHead>): void {
    this.heads.forget(keyOf(context), head);
  }

  private async read(context: RequestContext): Promise<LedgerHead> {
    const { policyVersion, policyJson } = await this.caller.call(decisions.getLedgerHead, {}, context);
    const policy = policyJson === '' ? DEFAULT_POLICY : planner.policy.parse(JSON.parse(policyJson));
    return { policy, rules: rulesOf(policyVersion, policy) };
  }
}

function keyOf(context: RequestContext): string {
  return String(workspaceOf(context).id);
}
