import { agents } from '@magistry/contracts';
import { createTestDatabase, type TestDatabase } from '@magistry/testing';
import pg from 'pg';
import type { RunningProcess } from './agents.fixture.js';

const END_MS_MAX = 8_000;

/** Leases that run out soon: what a process leaves is taken up at once. */
export const QUICK = { leaseMs: 400, lookEveryMs: 50, runsMax: 16 };
/** The process that dies takes up nothing again. */
export const DYING = { ...QUICK, lookEveryMs: 1_000_000 };

/**
 * A database with a gate behind the k-th entry of all logs: whoever executes runs can write no more, as if it were
 * killed there.
 */
export class CrashGate {
  private readonly seen = new Set<string>();

  private constructor(
    readonly database: TestDatabase,
    readonly admin: pg.Client,
  ) {}

  static async start(): Promise<CrashGate> {
    const database = await createTestDatabase('agents');
    const admin = new pg.Client({ connectionString: database.adminUrl });
    await admin.connect();
    await admin.query(`
      SET search_path = agents;
      CREATE TABLE gate (entries_max integer NOT NULL);
      INSERT INTO gate VALUES (1000000);
      GRANT SELECT ON gate TO PUBLIC;
      CREATE FUNCTION close_gate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = agents AS $$
      BEGIN
        IF (SELECT count(*) FROM run_event) >= (SELECT entries_max FROM gate) THEN RAISE 'the gate is closed'; END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER close_gate BEFORE INSERT ON run_event FOR EACH ROW EXECUTE FUNCTION close_gate();`);
    return new CrashGate(database, admin);
  }

  async stop(): Promise<void> {
    await this.admin.end();
    await this.database.drop();
  }

  /** Nothing more is written behind so many entries from now on. */
  async closeBehind(entries: number): Promise<void> {
    await this.admin.query('UPDATE gate SET entries_max = $1', [(await this.entriesKept()) + entries]);
  }

  async open(): Promise<void> {
    await this.admin.query('UPDATE gate SET entries_max = 1000000');
  }

  async entriesKept(): Promise<number> {
    const { rows } = await this.admin.query('SELECT count(*)::int4 AS entries FROM run_event');
    return rows[0].entries;
  }

  /** Asks the process for a run, and waits until there is one, not until it has ended. Returns its id. */
  async begin(running: RunningProcess, slug: string, payload: object): Promise<string> {
    void running.send(agents.runAgent, { params: { slug }, body: { payload } }).catch(() => undefined);
    let found = '';
    await until(async () => {
      const { rows } = await this.admin.query(
        `SELECT id FROM run WHERE kind = 'main' ORDER BY created_at DESC LIMIT 1`,
      );
      found = rows[0]?.id ?? '';
      return found !== '' && !this.seen.has(found);
    });
    this.seen.add(found);
    return found;
  }

  async untilEnded(runId: string): Promise<void> {
    await until(async () => {
      const { rows } = await this.admin.query('SELECT status FROM run WHERE id = $1', [runId]);
      return rows[0].status !== 'running';
    });
  }
}

/** Until the process has met the gate. Gives up quietly: its run may have ended before. */
export async function untilStuck({ faults }: RunningProcess): Promise<void> {
  await until(async () => faults.length > 0).catch(() => undefined);
}

export async function until(holds: () => Promise<boolean>, waitMs = END_MS_MAX): Promise<void> {
  for (const startedAt = performance.now(); performance.now() - startedAt < waitMs; ) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('nobody went on with the run');
}
