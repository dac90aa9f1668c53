import type { RequestContext, Success } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { Answer } from '@magistry/messaging';
import { LockHeld } from '@magistry/persistence';
import { principalOf, remainingMs, workspaceOf } from '@magistry/request-context';
import { mismatchOf } from './fingerprint.js';
import { isKeptRefusal, keepRefusal, keepSuccess, replayKept } from './kept-answer.js';
import { keyReused } from './replay.js';
import type { AnswerSeal, KeyOwner } from './sealing.js';

const KEPT_MS = 24 * 60 * 60 * 1_000;

interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values?: unknown[];
}

/** Where SQL of one transaction runs, in the order in which it is asked. */
interface Statements {
  query<Row extends object>(query: Statement): Promise<Row[]>;
  commit(): Promise<void>;
}

/** How a service opens a transaction where the request acts; a lock is waited for `lockWaitMs` at most. */
type Transact<Transaction extends Statements> = <Result>(
  context: RequestContext,
  lockWaitMs: number,
  work: (transaction: Transaction) => Promise<Result>,
) => Promise<Result>;

interface KeyedRequest {
  readonly owner: KeyOwner;
  readonly key: string;
  readonly keyHmac: Buffer;
  readonly fingerprint: Uint8Array;
  readonly requestId: string;
}

interface KeptRow {
  readonly fingerprint: Buffer;
  /** Null while the first request runs. */
  readonly sealedAnswer: Buffer | null;
  readonly expiresAt: Date;
}

// An expired row is taken over. A copy that runs at the same time waits here for the first one's commit.
const CLAIM_SQL = `
  INSERT INTO idempotency AS kept (workspace_id, key_hmac, fingerprint, request_id, expires_at)
  VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (workspace_id, key_hmac) DO UPDATE SET fingerprint = excluded.fingerprint,
    request_id = excluded.request_id, expires_at = excluded.expires_at, sealed_answer = NULL
    WHERE kept.expires_at <= $6
  RETURNING true AS claimed`;

const FIND_SQL = `
  SELECT fingerprint, sealed_answer AS "sealedAnswer", expires_at AS "expiresAt"
  FROM idempotency WHERE workspace_id = $1 AND key_hmac = $2`;

const KEEP_SQL = `
  UPDATE idempotency SET sealed_answer = $3, expires_at = $4 WHERE workspace_id = $1 AND key_hmac = $2`;

/**
 * Runs a write in one transaction and keeps its answer under the request's Idempotency-Key in that same commit, so
 * that a retry is answered without a second effect whatever crashed in between (design: api.md section 6). The
 * service's schema has the table `idempotency`.
 */
export class KeyedWrites<Transaction extends Statements> {
  constructor(
    private readonly transact: Transact<Transaction>,
    private readonly seal: AnswerSeal,
    private readonly now: () => number,
  ) {}

  async run(
    context: RequestContext,
    write: (transaction: Transaction) => Promise<Answer>,
  ): Promise<Answer | Success> {
    const request = this.keyedRequest(context);
    // A refusal that is kept must be committed, and so cannot be thrown from within.
    const outcome = await this.transact(context, lockWaitMs(context), (transaction) =>
      request ? this.runOnce(transaction, request, () => write(transaction)) : write(transaction),
    ).catch(explainWait);
    if (outcome instanceof ProblemError) throw outcome;
    return outcome;
  }

  /** The first answer under the request's key, where there is one: for a write that does more than one commit. */
  async kept(context: RequestContext): Promise<Success | undefined> {
    const request = this.keyedRequest(context);
    if (!request) return undefined;
    const kept = await this.transact(context, lockWaitMs(context), (transaction) =>
      this.find(transaction, request),
    );
    if (!kept?.sealedAnswer || kept.expiresAt.getTime() <= this.now()) return undefined;
    const answer = this.open(request, kept.fingerprint, kept.sealedAnswer);
    if (answer instanceof ProblemError) throw answer;
    return answer;
  }

  private async runOnce(
    transaction: Statements,
    request: KeyedRequest,
    write: () => Promise<Answer>,
  ): Promise<Answer | Success | ProblemError> {
    const [isClaimed] = await Promise.all([
      this.claim(transaction, request),
      transaction.query({ text: 'SAVEPOINT claimed' }),
    ]);
    if (!isClaimed) return this.replay(transaction, request);
    try {
      const answer = await write();
      const success = { withoutEffect: false, headers: {}, ...answer } as Success;
      await this.keep(transaction, request, keepSuccess(success, request.requestId));
      return answer;
    } catch (error) {
      if (!(error instanceof ProblemError) || !isKeptRefusal(error)) throw error;
      await transaction.query({ text: 'ROLLBACK TO SAVEPOINT claimed' });
      await this.keep(transaction, request, keepRefusal(error, request.requestId));
      return error;
    }
  }

  private async claim(transaction: Statements, request: KeyedRequest): Promise<boolean> {
    const { owner, keyHmac, fingerprint, requestId } = request;
    const now = this.now();
    const until = new Date(now + KEPT_MS);
    const values = [owner.workspaceId, keyHmac, fingerprint, requestId, until, new Date(now)];
    return (await transaction.query({ name: 'claim-key', text: CLAIM_SQL, values })).length > 0;
  }

  private async replay(transaction: Statements, request: KeyedRequest): Promise<Success | ProblemError> {
    const kept = await this.find(transaction, request);
    if (!kept?.sealedAnswer) throw new Error('a claimed key has no answer');
    return this.open(request, kept.fingerprint, kept.sealedAnswer);
  }

  private async find(
    transaction: Statements,
    { owner, keyHmac }: KeyedRequest,
  ): Promise<KeptRow | undefined> {
    const values = [owner.workspaceId, keyHmac];
    const [kept] = await transaction.query<KeptRow>({ text: FIND_SQL, values });
    return kept;
  }

  private open(request: KeyedRequest, fingerprint: Buffer, sealedAnswer: Buffer): Success | ProblemError {
    const { owner, key } = request;
    const mismatch = mismatchOf(fingerprint, request.fingerprint);
    if (mismatch.length > 0) return keyReused(mismatch);
    return replayKept(this.seal.open(owner, key, sealedAnswer));
  }

  private async keep(transaction: Statements, request: KeyedRequest, answer: Uint8Array): Promise<void> {
    const { owner, key, keyHmac } = request;
    const until = new Date(this.now() + KEPT_MS);
    const sealed = this.seal.seal(owner, key, Buffer.from(answer));
    const values = [owner.workspaceId, keyHmac, sealed, until];
    await Promise.all([
      transaction.query({ name: 'keep-answer', text: KEEP_SQL, values }),
      transaction.commit(),
    ]);
  }

  private keyedRequest(context: RequestContext): KeyedRequest | undefined {
    const { idempotency, requestId } = context;
    if (!idempotency) return undefined;
    const owner = { workspaceId: workspaceOf(context).id, principalId: principalOf(context).id };
    const { key, fingerprint } = idempotency;
    return { owner, key, keyHmac: this.seal.keyHmac(owner, key), fingerprint, requestId };
  }
}

function lockWaitMs(context: RequestContext): number {
  return Math.max(1, Math.floor(remainingMs(context)));
}

function explainWait(error: unknown): never {
  if (!(error instanceof LockHeld)) throw error;
  throw new ProblemError(
    'idempotency_in_progress',
    'Another request that this one has to wait for is still running. Retry with the same Idempotency-Key.',
    { retryAfterSeconds: 1 },
  );
}
