import { ProblemError } from '@magistry/errors';
import type { AnswerSeal } from '@magistry/idempotency';
import { isConnectionFailure } from '@magistry/persistence';
import { principalOf, workspaceOf } from '@magistry/request-context';
import { wholeSecond } from '../domain/clock.js';
import { decide } from '../domain/decide.js';
import { dryRunAnswer } from '../domain/render-answer.js';
import { FencedError, type LedgerStore, type Tenure } from '../storage/ledger-store.js';
import { currentAnswer, isKept, recordedAnswer, refusalAnswer, replayed } from './answers.js';
import { AppendQueue, type AppendResult, notHere, type PendingAppend } from './append-queue.js';
import { BatchBuilder } from './batch.js';
import { planLookUp } from './plan-look-up.js';
import { answering, type Leader, refusing, type Settle } from './settle.js';
import { keyOf, ShardMemory } from './shard-memory.js';

/** Past this size a batch only adds latency (measured knee: 512 to 1,024 rows). */
const BATCH_SIZE_MAX = 512;

/**
 * The only writer of a shard while its tenure lasts. Commands gather while the previous commit is in flight and
 * are then decided in order and committed together: one look-up, one write (natural group commit).
 */
export class ShardWriter {
  private readonly queue = new AppendQueue();
  private readonly memory = new ShardMemory();
  private flushing: Promise<void> | null = null;
  private isClosed = false;
  private position: number;

  constructor(
    private readonly store: LedgerStore,
    private readonly tenure: Tenure,
    private readonly options: {
      seal: AnswerSeal;
      now: () => number;
      onCommit: () => void;
      /** The writer cannot go on; its owner must let the shard go. */
      onLost: (error: Error) => void;
      onFault: (requestId: string, error: unknown) => void;
    },
  ) {
    this.position = tenure.position;
  }

  submit(append: Omit<PendingAppend, 'resolve' | 'reject'>): Promise<AppendResult> {
    if (this.isClosed) return Promise.reject(notHere());
    return new Promise((resolve, reject) => {
      this.queue.push({ ...append, resolve, reject });
      this.flushing ??= this.flush();
    });
  }

  /** Takes no more; resolves once what was taken is committed and answered. */
  async drain(): Promise<void> {
    this.isClosed = true;
    await this.flushing;
  }

  /** The shard is gone: whatever waits may be retried at its next writer. */
  abandon(): void {
    this.isClosed = true;
    this.queue.refuseAll();
  }

  private async flush(): Promise<void> {
    // One turn of the event loop lets requests that arrived together share the batch.
    await new Promise(setImmediate);
    while (this.queue.length > 0) {
      const appends = this.queue.take(BATCH_SIZE_MAX, this.options.now());
      if (appends.length > 0) await this.write(this.joinTwins(appends));
    }
    this.flushing = null;
  }

  private joinTwins(appends: readonly PendingAppend[]): Leader[] {
    const leaders = new Map<string, Leader>();
    appends.forEach((append, index) => {
      const keyHmac = this.keyHmacOf(append);
      const key = keyHmac ? keyOf(workspaceOf(append.context).id, keyHmac.toString('hex')) : String(index);
      const leader = leaders.get(key);
      if (leader) leader.twins.push(append);
      else leaders.set(key, { append, keyHmac, twins: [] });
    });
    return [...leaders.values()];
  }

  private keyHmacOf({ context }: PendingAppend): Buffer | null {
    if (!context.idempotency) return null;
    const owner = { workspaceId: workspaceOf(context).id, principalId: principalOf(context).id };
    return this.options.seal.keyHmac(owner, context.idempotency.key);
  }

  private async write(leaders: readonly Leader[]): Promise<void> {
    const now = this.options.now();
    const plan = planLookUp(leaders, this.memory, wholeSecond(now));
    try {
      this.memory.load(await this.store.lookUp(plan.lookUp, wholeSecond(now)), plan.counterKeys);
    } catch (error) {
      return this.recover(leaders, error, notHere());
    }
    const batch = new BatchBuilder(this.memory, this.options.seal, now, this.position);
    const settlements = leaders.map((leader) => this.decideOne(leader, batch, now));
    if (!batch.isEmpty) {
      try {
        await this.store.commit(batch.finish(), this.tenure.epoch, batch.position);
      } catch (error) {
        return this.recover(leaders, error, outcomeUnknown());
      }
      this.position = batch.position;
      this.options.onCommit();
    }
    for (const settle of settlements) settle();
  }

  /** Decides one command; what its caller is told waits for the commit. */
  private decideOne(leader: Leader, batch: BatchBuilder, now: number): Settle {
    const { append, keyHmac } = leader;
    const workspace = workspaceOf(append.context);
    try {
      const replay = keyHmac ? this.memory.replay(workspace.id, keyHmac) : undefined;
      if (replay) return answering(leader, replayed(append, replay, this.options.seal));
      const head = this.memory.head(workspace.id, workspace.slug);
      const outcome = decide(this.memory.stateOf(head), append.command, now);
      switch (outcome.type) {
        case 'recorded': {
          const row = batch.record({ ...head, tenant: workspace.slug }, outcome.draft, outcome.consequences);
          const body = recordedAnswer(row, this.memory.head(workspace.id, workspace.slug));
          batch.remember(leader, body);
          return answering(leader, { body });
        }
        case 'dry-run':
          return answering(leader, {
            body: dryRunAnswer(outcome.draft, outcome.killSwitchEngaged),
            isWithoutEffect: true,
          });
        case 'unchanged': {
          const kind = append.command.type === 'set-policy' ? 'POLICY' : 'KILL_SWITCH';
          return answering(leader, { body: currentAnswer(kind, head), isWithoutEffect: true });
        }
        case 'policy-moved':
          return answering(leader, { body: '', isPolicyMoved: true });
        case 'refused':
          if (isKept(outcome.problem)) batch.remember(leader, refusalAnswer(outcome.problem));
          return refusing(leader, outcome.problem);
      }
    } catch (error) {
      if (!(error instanceof ProblemError)) this.options.onFault(append.context.requestId, error);
      return refusing(leader, error);
    }
  }

  /**
   * After a failure nothing in memory counts. A lost connection ends the tenure; anything else wrote nothing, and
   * halving the batch lets a poisonous command fail alone.
   */
  private async recover(leaders: readonly Leader[], error: unknown, ifLost: ProblemError): Promise<void> {
    this.memory.forgetAll();
    if (error instanceof FencedError) return this.lose(leaders, error, notHere());
    if (error instanceof Error && isConnectionFailure(error)) return this.lose(leaders, error, ifLost);
    const [first] = leaders;
    if (leaders.length === 1 && first) {
      this.options.onFault(first.append.context.requestId, error);
      return refusing(first, error)();
    }
    const middle = Math.ceil(leaders.length / 2);
    await this.write(leaders.slice(0, middle));
    await this.write(leaders.slice(middle));
  }

  private lose(leaders: readonly Leader[], error: Error, problem: ProblemError): void {
    for (const leader of leaders) refusing(leader, problem)();
    this.abandon();
    this.options.onLost(error);
  }
}

function outcomeUnknown(): ProblemError {
  return new ProblemError(
    'timeout',
    'The database went away during the commit; the outcome is unknown. Retry with the same Idempotency-Key.',
  );
}
