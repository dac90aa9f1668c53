import { withRole } from '@magistry/persistence';
import pg from 'pg';
import type { LedgerBatch, LookUp } from './ledger-batch.js';
import { ACROSS_ROLE } from './ledger-database.js';
import { type Found, LOOK_UP_SQL, type LookUpRow, lookUpParameters, readFound } from './ledger-look-up.js';
import { COMMIT_SQL, commitColumns } from './ledger-writes.js';

/** Another writer has taken the shard over: nothing was written, and this one must let go. */
export class FencedError extends Error {
  constructor(shard: number) {
    super(`shard ${shard} has a newer writer`);
    this.name = 'FencedError';
  }
}

/** First key of the advisory locks that writers hold; the second is the shard. "ldgr" in ASCII. */
const LOCK_SPACE = 0x6c_64_67_72;

/**
 * The writer's two statements touch rows by key alone and are planned once. A plan made while a table was small
 * would scan it, and go on scanning as it grows, until autovacuum has counted it.
 */
const PLAN_BY_KEY_SQL = `SET plan_cache_mode = force_generic_plan; SET jit = off;
  SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off`;

/** What a writer takes over with a shard. */
export interface Tenure {
  readonly epoch: number;
  /** Last outbox position that was given away. */
  readonly position: number;
}

/** A shard's own connection: it holds the lock, so losing it is losing the shard. */
export class LedgerStore {
  private readonly client: pg.Client;

  constructor(
    private readonly shard: number,
    databaseUrl: string,
    onLost: (error: Error) => void,
  ) {
    this.client = new pg.Client({
      connectionString: withRole(databaseUrl, ACROSS_ROLE),
      keepAlive: true,
      connectionTimeoutMillis: 2_000,
    });
    this.client.on('error', onLost);
    this.client.on('end', () => onLost(new Error('the connection ended')));
  }

  async connect(): Promise<void> {
    await this.client.connect();
    await this.client.query(PLAN_BY_KEY_SQL);
  }

  /** Becomes the shard's writer if nobody is; the new epoch shuts out whoever was. */
  async takeOver(): Promise<Tenure | null> {
    const { rows } = await this.client.query('SELECT pg_try_advisory_lock($1, $2) AS taken', [
      LOCK_SPACE,
      this.shard,
    ]);
    if (!rows[0].taken) return null;
    const shard = await this.client.query(
      'UPDATE ledger_shard SET epoch = epoch + 1 WHERE shard = $1 RETURNING epoch, position',
      [this.shard],
    );
    return { epoch: Number(shard.rows[0].epoch), position: Number(shard.rows[0].position) };
  }

  async lookUp(lookUp: LookUp, isoSecond: string): Promise<Found> {
    const { rows } = await this.client.query<LookUpRow>({
      name: 'look-up',
      text: LOOK_UP_SQL,
      values: lookUpParameters(lookUp, isoSecond),
    });
    const [row] = rows;
    if (!row) throw new Error('the look-up gave no row');
    return readFound(row);
  }

  /** All of the batch or nothing. `position` is the last one the batch gives away. */
  async commit(batch: LedgerBatch, epoch: number, position: number): Promise<void> {
    const { rows } = await this.client.query({
      name: 'commit',
      text: COMMIT_SQL,
      values: [this.shard, epoch, position, ...commitColumns(batch)],
    });
    if (rows[0].fenced !== 1) throw new FencedError(this.shard);
  }

  /** Lets go of the lock by closing its connection. */
  async close(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }
}
