import type { RequestContext } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { AnswerSeal } from '@magistry/idempotency';
import { isConnectionFailure } from '@magistry/persistence';
import { principalOf, workspaceOf } from '@magistry/request-context';
import { wholeSecond } from '../domain/clock.js';
import { decide } from '../domain/decide.js';
import { dryRunAnswer } from '../domain/render-answer.js';
import type { LedgerBatch } from '../storage/ledger-batch.js';
import { FencedError, type LedgerStore, type Tenure } from '../storage/ledger-store.js';
import { isKept, recordedAnswer, refusalAnswer, replayed, unchangedAnswer } from './answers.js';
import { AppendQueue, type AppendResult, notHere, type PendingAppend } from './append-queue.js';
import { BatchBuilder } from './batch.js';
import { CommitMeter } from './metrics.js';
import { planLookUp } from './plan-look-up.js';
import { answering, type Leader, refusing, type Settle } from './settle.js';
import { keyOf, ShardMemory } from './shard-memory.js';
import { watchCommit } from './watch-commit.js';

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
  private lastPosition: number;
  private batchOldestUnixMs: number | undefined;
  private readonly meter: CommitMeter;

  constructor(
    private readonly store: LedgerStore,
    private readonly tenure: Tenure,
    private readonly options: {
      shard: number;
      seal: AnswerSeal;
      now: () => number;
      onCommit: () => void;
      /** The writer cannot go on; its owner must let the shard go. */
      onLost: (error: Error) => void;
      onFault: (context: RequestContext, error: unknown) => void;
    },
  ) {
    this.lastPosition = tenure.position;
    this.meter = new CommitMeter(options.shard);
  }

  /** The last outbox position that is committed. */
  get position(): number {
    return this.lastPosition;
  }

  get queuedCommands(): number {
    return this.queue.length;
  }

  /** When the oldest command that is not answered yet was queued; undefined when there is none. */
  get oldestUnixMs(): number | undefined {
    return this.batchOldestUnixMs ?? this.queue.oldestUnixMs;
  }

  submit(append: Pick<PendingAppend, 'context' | 'command'>): Promise<AppendResult> {
    if (this.isClosed) return Promise.reject(notHere());
    return new Promise((resolve, reject) => {
      this.queue.push({ ...append, queuedUnixMs: this.options.now(), resolve, reject });
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
      this.batchOldestUnixMs = appends[0]?.queuedUnixMs;
      if (appends.length > 0) await this.write(this.joinTwins(appends));
      this.batchOldestUnixMs = undefined;
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
    const batch = new BatchBuilder(this.memory, this.options.seal, now, this.lastPosition);
    const settlements = leaders.map((leader) => this.decideOne(leader, batch, now));
    if (!batch.isEmpty) {
      try {
        await this.commit(leaders, batch.finish(), batch.position);
      } catch (error) {
        return this.recover(leaders, error, outcomeUnknown());
      }
      this.lastPosition = batch.position;
      this.options.onCommit();
    }
    for (const settle of settlements) settle();
  }

  private commit(leaders: readonly Leader[], batch: LedgerBatch, position: number): Promise<void> {
    const { store, tenure, meter } = this;
    return watchCommit(meter, leaders, batch, () => store.commit(batch, tenure.epoch, position));
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
          const { draft, consequences } = outcome;
          const row = batch.record({ ...head, tenant: workspace.slug }, draft, consequences, append.context);
          const next = this.memory.head(workspace.id, workspace.slug);
          const escalated = this.memory.answered(workspace.id, append.command);
          const body = recordedAnswer(row, next, escalated, append.context.apiVersion);
          batch.remember(leader, body);
          return answering(leader, { body });
        }
        case 'dry-run':
          return answering(leader, {
            body: dryRunAnswer(outcome.draft, outcome.killSwitchEngaged),
            isWithoutEffect: true,
          });
        case 'unchanged':
          return answering(leader, { body: unchangedAnswer(append.command, head), isWithoutEffect: true });
        case 'policy-moved':
          return answering(leader, { body: '', isPolicyMoved: true });
        case 'refused':
          if (isKept(outcome.problem)) batch.remember(leader, refusalAnswer(outcome.problem));
          return refusing(leader, outcome.problem);
      }
    } catch (error) {
      if (!(error instanceof ProblemError)) this.options.onFault(append.context, error);
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
      this.options.onFault(first.append.context, error);
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
