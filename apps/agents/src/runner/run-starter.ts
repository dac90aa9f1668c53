import type { RequestContext } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { type AnswerSeal, keyReused, mismatchOf, replayHeaders } from '@magistry/idempotency';
import { principalOf, workspaceOf } from '@magistry/request-context';
import type { Clock } from '../domain/clock.js';
import type { RunCaller, RunRecord } from '../domain/run.js';
import type { RunEvent } from '../domain/run-event.js';
import { insertAttachments, type KeptFile } from '../storage/attachments.js';
import type { Database, Transaction } from '../storage/database.js';
import type { Admission } from '../storage/lease.js';
import { type NewRun, TakenId } from '../storage/run-rows.js';
import type { RunStore } from '../storage/run-store.js';
import type { Runner } from './runner.js';

const KEY_KEPT_MS = 24 * 60 * 60 * 1_000;
const ID_ATTEMPTS_MAX = 5;
/** Of a request without an Idempotency-Key: nobody else can send it again. */
const NO_FINGERPRINT = new Uint8Array(0);

export interface WantedRun extends Omit<NewRun, 'keyHmac' | 'fingerprint' | 'caller'> {
  readonly events: readonly RunEvent[];
  readonly attachments?: readonly KeptFile[];
  /** False for one that has to wait until another process or moment. */
  readonly isDue: boolean;
}

export interface BegunRun {
  readonly run: RunRecord;
  /** Say so where an earlier request under the same Idempotency-Key has begun it. */
  readonly headers: Readonly<Record<string, string>>;
}

interface Beginning extends BegunRun {
  readonly isNew: boolean;
  /** Where this process executes it. */
  readonly entries?: readonly RunEvent[] | undefined;
}

/** Whoever sent the request, with the rights that its run's tools then have. */
export function callerOf(context: RequestContext): RunCaller {
  const { id, actor, scopes, makerIds } = principalOf(context);
  const { slug, tier } = workspaceOf(context);
  const { requestId, traceparent } = context;
  return {
    ...{ requestId, traceparent, principalId: id, actor, scopes: [...scopes], workspace: { slug, tier } },
    ...(makerIds.length > 0 && { makerIds: [...makerIds] }),
  };
}

/**
 * Begins runs: the row, its first events and what its request is known by in one commit, so that a retry finds the
 * run that is there, whatever crashed in between. Then this process executes it, if it has room. A request is known by
 * its Idempotency-Key, or by the name that whoever asks again gave it.
 */
export class RunStarter {
  constructor(
    private readonly database: Database,
    private readonly runs: RunStore,
    private readonly runner: Runner,
    private readonly seal: AnswerSeal,
    private readonly clock: Clock,
  ) {}

  /** What an earlier asking of this very request has begun. */
  async findRepeated(context: RequestContext): Promise<BegunRun | undefined> {
    const keyHmac = this.keyHmac(context);
    if (!context.patience?.isRepeated || !keyHmac) return undefined;
    const { id } = workspaceOf(context);
    const find = (transaction: Transaction) => this.findKeyed(transaction, context, keyHmac);
    const run = await this.database.transactionIn(id, find);
    return run && { run, headers: headersFor(run, context) };
  }

  /**
   * `want` makes the run within the transaction; asked again for another id where the one is taken. `admit` is what
   * stands between a new run's commit and the first call of its model, and ends the run where it refuses it; a run
   * that is executed here notes what comes of it in its own log.
   */
  async begin(
    context: RequestContext,
    caller: RunCaller,
    want: (transaction: Transaction) => Promise<WantedRun>,
    admit: (run: RunRecord, isHere: boolean) => Promise<Admission> = async () => ({ isPaid: false }),
  ): Promise<BegunRun> {
    for (let attempt = 0; attempt < ID_ATTEMPTS_MAX; attempt += 1) {
      try {
        // A name that nobody was asked by is in no row, unless an earlier asking is as far as this one.
        const mayBeThere = context.idempotency !== undefined || attempt > 0;
        const { run, headers, isNew, entries } = await this.beginOnce(context, caller, want, mayBeThere);
        const admitted = isNew ? admit(run, entries !== undefined) : undefined;
        if (entries) this.runner.start({ run, epoch: 1, entries, ...(admitted && { admitted }) });
        await admitted;
        return { run, headers };
      } catch (error) {
        if (!(error instanceof TakenId)) throw error;
      }
    }
    throw new Error('no free id was found for a run');
  }

  private beginOnce(
    context: RequestContext,
    caller: RunCaller,
    want: (transaction: Transaction) => Promise<WantedRun>,
    mayBeThere: boolean,
  ): Promise<Beginning> {
    const keyHmac = this.keyHmac(context);
    return this.database.transactionIn(workspaceOf(context).id, async (transaction) => {
      const known = keyHmac && mayBeThere && (await this.findKeyed(transaction, context, keyHmac));
      if (known) return { run: known, headers: headersFor(known, context), isNew: false };
      const { events, attachments = [], isDue, ...wanted } = await want(transaction);
      const fingerprint = context.idempotency?.fingerprint ?? (keyHmac ? NO_FINGERPRINT : null);
      const run: NewRun = { ...wanted, caller, keyHmac: keyHmac ?? null, fingerprint };
      const isLeased = isDue && this.runner.hasRoom;
      await Promise.all([
        this.runs.insert(transaction, run, events, isLeased ? this.runner.leaseMs : null),
        insertAttachments(transaction, run, attachments),
        transaction.commit(),
      ]);
      const record: RunRecord = { ...run, status: 'running', outcome: null, endedAt: null, eventId: 0 };
      return { run: record, headers: {}, isNew: true, entries: isLeased ? events : undefined };
    });
  }

  private async findKeyed(transaction: Transaction, context: RequestContext, keyHmac: Buffer) {
    const owner = { workspaceId: workspaceOf(context).id, principalId: principalOf(context).id };
    const before = new Date(this.clock.now() - KEY_KEPT_MS);
    const known = await this.runs.findKeyed(transaction, { ...owner, keyHmac, before });
    const fingerprint = context.idempotency?.fingerprint;
    if (known?.fingerprint === null)
      throw new ProblemError('not_found', 'What was sent under this Idempotency-Key was erased.');
    const mismatch = known && fingerprint ? mismatchOf(known.fingerprint, fingerprint) : [];
    if (mismatch.length > 0) throw keyReused(mismatch);
    return known;
  }

  private keyHmac(context: RequestContext): Buffer | undefined {
    const { idempotency, patience } = context;
    if (!idempotency && !patience) return undefined;
    const owner = { workspaceId: workspaceOf(context).id, principalId: principalOf(context).id };
    // No client's key has a space in it.
    return this.seal.keyHmac(owner, idempotency?.key ?? `asked ${patience?.name}`);
  }
}

/** To the client, that its request was asked for twice is no replay. */
function headersFor({ caller }: RunRecord, { patience, requestId }: RequestContext): BegunRun['headers'] {
  return patience?.isRepeated && caller.requestId === requestId ? {} : replayHeaders(caller.requestId);
}
