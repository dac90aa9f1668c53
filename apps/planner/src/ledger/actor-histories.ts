import { decisions, type RequestContext } from '@magistry/contracts';
import type { Caller } from '@magistry/messaging';
import { principalOf, workspaceOf } from '@magistry/request-context';
import type { ActorHistory } from '../domain/judge.js';
import { JoinedReads } from './joined-reads.js';

const HOUR_MS = 60 * 60 * 1_000;

/** Records of actors over the 30 complete UTC days before today, which stand still while the day lasts. */
export class ActorHistories {
  // An hour, not the day: it mends what a clock a little off the ledger's read around midnight.
  private readonly histories = new JoinedReads<ActorHistory>({ keysMax: 20_000, keptMs: HOUR_MS });

  constructor(
    private readonly caller: Caller,
    private readonly now: () => number,
  ) {}

  get(context: RequestContext): Promise<ActorHistory> {
    const { actor } = principalOf(context);
    const today = new Date(this.now()).toISOString().slice(0, 'YYYY-MM-DD'.length);
    return this.histories.get(`${workspaceOf(context).id} ${today} ${actor}`, () =>
      this.caller.call(decisions.getActorHistory, { actor }, context),
    );
  }
}
