import type { RequestContext } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { AnswerSeal, type KeyOwner, keyReused, mismatchOf, replayHeaders } from '@magistry/idempotency';
import type { Answer } from '@magistry/messaging';
import { principalOf, remainingMs, workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { reachOf } from '../domain/principal.js';
import { Database, type Queryable } from './database.js';

const KEPT_MS = 24 * 60 * 60 * 1_000;
const LOCK_NOT_AVAILABLE = '55P03';
const STATUS_LENGTH = 3;
/** Refusals that depend on nothing that may yet change; every other one frees the key. */
const KEPT_REFUSAL = 'conflict';

type Write = (transaction: Queryable) => Promise<Answer>;

interface KeyedRequest {
  readonly owner: KeyOwner;
  readonly key: string;
  readonly keyHmac: Buffer;
  readonly fingerprint: Uint8Array;
  readonly requestId: string;
}

interface KeptRow {
  readonly fingerprint: Buffer;
  readonly requestId: string;
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
  SELECT fingerprint, request_id AS "requestId", sealed_answer AS "sealedAnswer", expires_at AS "expiresAt"
  FROM idempotency WHERE workspace_id = $1 AND key_hmac = $2`;

const KEEP_SQL = `
  UPDATE idempotency SET sealed_answer = $3, expires_at = $4 WHERE workspace_id = $1 AND key_hmac = $2`;

/**
 * Runs a write in one transaction and keeps its answer under the request's Idempotency-Key in that same commit, so
 * that a retry is answered without a second effect whatever crashed in between (design: api.md section 6).
 */
@Injectable()
export class KeyedWrites {
  constructor(
    private readonly database: Database,
    private readonly seal: AnswerSeal,
    private readonly clock: Clock,
  ) {}

  async run(context: RequestContext, write: Write): Promise<Answer> {
    const request = this.keyedRequest(context);
    const waitMs = Math.max(1, Math.floor(remainingMs(context)));
    // A refusal that is kept must be committed, and so cannot be thrown from within.
    const outcome = await this.database
      .transactionIn(reachOf(context), waitMs, (transaction) =>
        request ? this.runOnce(transaction, request, write) : write(transaction),
      )
      .catch(explainWait);
    if (outcome instanceof ProblemError) throw outcome;
    return outcome;
  }

  /** The first answer under the request's key, where there is one: for a write that does more than one commit. */
  async kept(context: RequestContext): Promise<Answer | undefined> {
    const request = this.keyedRequest(context);
    if (!request) return undefined;
    const reads = this.database.readsIn(reachOf(context));
    const kept = await this.find(reads, request);
    if (!kept?.sealedAnswer || kept.expiresAt.getTime() <= this.clock.now()) return undefined;
    const answer = this.open(request, { ...kept, sealedAnswer: kept.sealedAnswer });
    if (answer instanceof ProblemError) throw answer;
    return answer;
  }

  private async runOnce(
    transaction: Queryable,
    request: KeyedRequest,
    write: Write,
  ): Promise<Answer | ProblemError> {
    if (!(await this.claim(transaction, request))) return this.replay(transaction, request);
    await transaction.query({ text: 'SAVEPOINT claimed' });
    try {
      const answer = await write(transaction);
      await this.keep(transaction, request, Buffer.concat([Buffer.from(String(answer.status)), answer.body]));
      return answer;
    } catch (error) {
      if (!(error instanceof ProblemError) || error.code !== KEPT_REFUSAL) throw error;
      await transaction.query({ text: 'ROLLBACK TO SAVEPOINT claimed' });
      await this.keep(transaction, request, Buffer.from(`409${error.message}`));
      return error;
    }
  }

  private async claim(transaction: Queryable, request: KeyedRequest): Promise<boolean> {
    const { owner, keyHmac, fingerprint, requestId } = request;
    const now = this.clock.now();
    const until = new Date(now + KEPT_MS);
    const values = [owner.workspaceId, keyHmac, fingerprint, requestId, until, new Date(now)];
    return (await transaction.query({ text: CLAIM_SQL, values })).length > 0;
  }

  private async replay(transaction: Queryable, request: KeyedRequest): Promise<Answer | ProblemError> {
    const kept = await this.find(transaction, request);
    if (!kept?.sealedAnswer) throw new Error('a claimed key has no answer');
    return this.open(request, { ...kept, sealedAnswer: kept.sealedAnswer });
  }

  private async find(on: Queryable, { owner, keyHmac }: KeyedRequest): Promise<KeptRow | undefined> {
    const values = [owner.workspaceId, keyHmac];
    const [kept] = await on.query<KeptRow>({ text: FIND_SQL, values });
    return kept;
  }

  private open(request: KeyedRequest, kept: KeptRow & { sealedAnswer: Buffer }): Answer | ProblemError {
    const { owner, key, fingerprint } = request;
    const mismatch = mismatchOf(kept.fingerprint, fingerprint);
    if (mismatch.length > 0) return keyReused(mismatch);
    const opened = this.seal.open(owner, key, kept.sealedAnswer);
    const status = Number(opened.subarray(0, STATUS_LENGTH));
    const body = opened.subarray(STATUS_LENGTH);
    const headers = replayHeaders(kept.requestId);
    if (status === 409) return new ProblemError(KEPT_REFUSAL, body.toString(), { headers });
    return { status, body, headers };
  }

  private async keep(transaction: Queryable, request: KeyedRequest, answer: Buffer): Promise<void> {
    const { owner, key, keyHmac } = request;
    const until = new Date(this.clock.now() + KEPT_MS);
    const values = [owner.workspaceId, keyHmac, this.seal.seal(owner, key, answer), until];
    await transaction.query({ text: KEEP_SQL, values });
  }

  private keyedRequest(context: RequestContext): KeyedRequest | undefined {
    const { idempotency, requestId } = context;
    if (!idempotency) return undefined;
    const owner = { workspaceId: workspaceOf(context).id, principalId: principalOf(context).id };
    const { key, fingerprint } = idempotency;
    return { owner, key, keyHmac: this.seal.keyHmac(owner, key), fingerprint, requestId };
  }
}

function explainWait(error: unknown): never {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code !== LOCK_NOT_AVAILABLE) throw error;
  throw new ProblemError(
    'idempotency_in_progress',
    'Another request that this one has to wait for is still running. Retry with the same Idempotency-Key.',
    { retryAfterSeconds: 1 },
  );
}
