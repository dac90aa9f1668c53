import pg from 'pg';
import type { AppendDatabase } from './append-database.ts';
import { canonicalJson, type Decision, genesisOf, leafOf, linkOf } from './decisions-build.ts';
import { type Contender, drive } from './rounds.ts';
import { type Submission, type Submissions, WORKSPACE } from './submissions.ts';
import { decisionFor, insertStatement, insertValues, rowsOf } from './yardstick-row.ts';

const LAST_ROW_SQL =
  'SELECT decision_id, chain FROM decision_log WHERE workspace_id = $1 ORDER BY decision_id DESC LIMIT 1';

abstract class PooledYardstick implements Contender {
  abstract readonly name: string;
  protected readonly pool: pg.Pool;
  private insertSql: string | undefined;

  private readonly submissions: Submissions;
  private readonly callers: number;

  constructor(databaseUrl: string, submissions: Submissions, callers: number) {
    this.pool = new pg.Pool({ connectionString: databaseUrl, max: callers });
    this.submissions = submissions;
    this.callers = callers;
  }

  /** The insert of one request, prepared once a connection. */
  protected insert(submission: Submission, row: Decision, canonical: string, chain: Buffer): pg.QueryConfig {
    const rows = rowsOf(submission, row, canonical, chain);
    this.insertSql ??= insertStatement(rows);
    return { name: 'insert', text: this.insertSql, values: insertValues(rows) };
  }

  protected abstract append(submission: Submission): Promise<void>;

  run(seconds: number) {
    return drive(this.callers, seconds, () => this.append(this.submissions.next()));
  }

  stop(): Promise<void> {
    return this.pool.end();
  }
}

/** The usual recipe for a chain: each request locks the workspace, reads the last row and inserts behind it. */
export class LockPerRow extends PooledYardstick {
  readonly name = 'lock per row';

  static in(database: AppendDatabase, submissions: Submissions, callers: number): LockPerRow {
    return new LockPerRow(database.urlOf('yardstick_locked'), submissions, callers);
  }

  protected async append(submission: Submission): Promise<void> {
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN');
      await client.query({
        name: 'lock',
        text: 'SELECT pg_advisory_xact_lock($1)',
        values: [WORKSPACE.id],
      });
      const { rows } = await client.query({ name: 'last', text: LAST_ROW_SQL, values: [WORKSPACE.id] });
      const last = rows[0] ?? { decision_id: '0', chain: genesisOf(WORKSPACE.id) };
      const row = decisionFor(submission, Number(last.decision_id) + 1);
      const canonical = canonicalJson(row);
      const chain = linkOf(last.chain, row.decisionId, leafOf(canonical));
      await client.query(this.insert(submission, row, canonical, chain));
      await client.query('COMMIT');
      client.release();
    } catch (error) {
      client.release(error as Error);
      throw error;
    }
  }
}

/** What a service without chain or order does: one statement a request, all requests side by side. */
export class SingleRow extends PooledYardstick {
  readonly name = 'one INSERT each';
  private count = 0;

  static in(database: AppendDatabase, submissions: Submissions, callers: number): SingleRow {
    return new SingleRow(database.urlOf('yardstick_single'), submissions, callers);
  }

  protected async append(submission: Submission): Promise<void> {
    this.count += 1;
    const row = decisionFor(submission, this.count);
    const canonical = canonicalJson(row);
    await this.pool.query(this.insert(submission, row, canonical, leafOf(canonical)));
  }
}
