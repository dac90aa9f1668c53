import type pg from 'pg';
import { eventually } from './eventually.fixture.js';
import type { TestWorkspace } from './workspaces.fixture.js';

/** First half of the advisory lock that held commits wait for; the second one is the workspace. */
const LOCK_CLASS = 4_711;
const HELD_MS_MAX = 20_000;
const DONE_MS_MAX = 10_000;
const PREFIXES = { main: 'mag-', sub: 'sag-' } as const;

/** An entry of a run's log, and what becomes of the commit that writes it when its process is killed. */
export interface KillPoint {
  readonly run: 'main' | 'sub';
  readonly sequence: number;
  /** `lost` is rolled back: its effects may have happened. `kept` is durable: nothing that follows has begun. */
  readonly commit: 'lost' | 'kept';
}

/** A commit that waits, whole and undecided, in the database. */
export interface HeldCommit {
  readonly backend: number;
  /** Of the process that commits. */
  readonly applicationName: string;
}

/**
 * Holds the commit of one entry of a workspace's logs where it stands: between its last statement and its end. Whoever
 * is killed then has heard nothing of it. A deferred trigger waits for a lock that the test has.
 */
export class CommitGate {
  private constructor(
    private readonly database: pg.Client,
    private readonly workspaceId: number,
    private readonly name: string,
  ) {}

  static async open(database: pg.Client, { id }: TestWorkspace): Promise<CommitGate> {
    const name = `commit_gate_${id}`;
    await database.query(`
      CREATE TABLE agents.${name} (prefix text NOT NULL, sequence integer NOT NULL);
      CREATE FUNCTION agents.${name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = agents AS $$
      BEGIN
        IF EXISTS (SELECT FROM ${name} WHERE starts_with(NEW.run_id, prefix) AND sequence = NEW.sequence) THEN
          PERFORM pg_advisory_xact_lock_shared(${LOCK_CLASS}, ${id});
        END IF;
        RETURN NULL;
      END $$;
      CREATE CONSTRAINT TRIGGER ${name} AFTER INSERT ON agents.run_event DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.workspace_id = ${id}) EXECUTE FUNCTION agents.${name}();`);
    return new CommitGate(database, id, name);
  }

  async close(): Promise<void> {
    await this.database.query(`DROP FUNCTION agents.${this.name} CASCADE; DROP TABLE agents.${this.name}`);
  }

  /** The next commit of such an entry is held. */
  async arm({ run, sequence }: KillPoint): Promise<void> {
    await this.database.query(`SELECT pg_advisory_lock(${LOCK_CLASS}, ${this.workspaceId})`);
    await this.database.query(`INSERT INTO agents.${this.name} VALUES ($1, $2)`, [PREFIXES[run], sequence]);
  }

  untilHeld(): Promise<HeldCommit> {
    return eventually(HELD_MS_MAX, async () => {
      const { rows } = await this.database.query<HeldCommit>(
        `SELECT pid AS backend, application_name AS "applicationName" FROM pg_locks JOIN pg_stat_activity USING (pid)
         WHERE locktype = 'advisory' AND classid = $1 AND objid = $2 AND NOT granted`,
        [LOCK_CLASS, this.workspaceId],
      );
      const [held] = rows;
      if (!held) throw new Error('no process has come to the commit');
      return held;
    });
  }

  /** Lets the commit, whose process is dead, come to its end; the next one of that entry is not held. */
  async decide({ backend }: HeldCommit, commit: KillPoint['commit']): Promise<void> {
    await this.database.query(`DELETE FROM agents.${this.name}`);
    if (commit === 'lost') await this.database.query('SELECT pg_terminate_backend($1)', [backend]);
    const lockless = `SELECT pg_advisory_unlock(${LOCK_CLASS}, ${this.workspaceId})`;
    if (commit === 'kept') await this.database.query(lockless);
    await eventually(DONE_MS_MAX, async () => {
      const { rows } = await this.database.query('SELECT FROM pg_stat_activity WHERE pid = $1', [backend]);
      if (rows.length > 0) throw new Error('the backend of the killed process is still there');
    });
    if (commit === 'lost') await this.database.query(lockless);
  }
}
