import type { RequestContext } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { appendedAnswer } from '@magistry/idempotency';
import type { Answer } from '@magistry/messaging';
import type { Rules } from '../domain/policy.js';
import type { Command, Ledger } from './ledger.js';
import type { LedgerHeads } from './ledger-heads.js';

const JUDGED_AGAIN_MAX = 3;

/** Commands whose facts hold under one policy: when the ledger has moved to another, they are made once more. */
export class PresentPolicy {
  constructor(
    private readonly ledger: Ledger,
    private readonly heads: LedgerHeads,
  ) {}

  /** Waits for `known` and the rules together, and answers what the ledger's writer says. */
  async append<Known>(
    context: RequestContext,
    known: Promise<Known>,
    commandUnder: (rules: Rules, known: Known) => Command,
  ): Promise<Answer> {
    for (let judgedAgain = 0; judgedAgain <= JUDGED_AGAIN_MAX; judgedAgain += 1) {
      const head = this.heads.get(context);
      const [{ rules }, facts] = await Promise.all([head, known]);
      const appended = await this.ledger.append(commandUnder(rules, facts), context);
      if (!appended.policyMoved) return appendedAnswer(appended);
      this.heads.forget(context, head);
    }
    throw new ProblemError(
      'service_unavailable',
      'The policy changed each time this was judged; nothing was written. Retry shortly.',
      { retryAfterSeconds: 1 },
    );
  }
}
