import { decisions } from '@magistry/contracts';
import pg from 'pg';
import { Housekeeping } from '../src/storage/across/housekeeping.js';
import { LedgerUnderTest } from './ledger.fixture.js';

/** What the service's login reads, of its transaction's workspace; the rest is the across role's alone. */
const READ = ['audit_log', 'decision_log', 'escalation', 'ledger_head'];
const WRITER_ONLY = ['counter', 'idempotency', 'outbox', 'subject_state', 'uniqueness'];
const SECURED = [...READ, ...WRITER_ONLY].sort();
/** Tables with a workspace_id that are not under row security, each with its reason. */
const OPEN: Record<string, string> = {};

/**
 * Two workspaces of one shard, so that one writer, one relay and one pool serve both. No other suite has them: what
 * these say of theirs, this suite's audit log takes in, too, for NATS is one.
 */
const ONE = 70_007;
const OTHER = 70_011;
const ROWS: Record<number, number> = { [ONE]: 4, [OTHER]: 6 };
const ACROSS = 'magistry_decisions_across';

let ledger: LedgerUnderTest;
let owner: pg.Pool;
let login: pg.Pool;

beforeAll(async () => {
  ledger = await LedgerUnderTest.start();
  const one = { max: 1, options: '-c search_path=decisions' };
  owner = new pg.Pool({ connectionString: ledger.database.adminUrl, ...one });
  login = new pg.Pool({ connectionString: ledger.database.url, max: 1 });
  for (const workspaceId of [ONE, OTHER]) {
    await ledger.setKillSwitch(false, { workspaceId });
    const judgement = { verdict: 'ESCALATE', scoreBasisPoints: 5_000 };
    await ledger.propose({ judgement }, { workspaceId, key: 'the same key' });
    for (let row = 3; row <= (ROWS[workspaceId] ?? 0); row += 1) {
      await ledger.propose({ subject: `s${row}` }, { workspaceId });
    }
  }
});
afterAll(async () => {
  await Promise.all([owner.end(), login.end()]);
  await ledger.stop();
});

const countOf = (table: string) => `SELECT count(*)::int AS rows FROM ${table}`;
const enter = (workspaceId: number) => `SET LOCAL magistry.workspace_id = ${workspaceId}`;

/** The counts that some statements gave on the one connection of a pool. */
async function counts(pool: pg.Pool, sql: string): Promise<number[]> {
  const results = [await pool.query(sql)].flat();
  return results.flatMap(({ rows }) => rows.flatMap((row) => ('rows' in row ? [row.rows] : [])));
}

test('every table of workspaces is secured by force, or open for a reason', async () => {
  const { rows } = await owner.query(
    `SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS secured
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id'
     WHERE c.relnamespace = 'decisions'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY c.relname`,
  );
  const named = (secured: boolean) => rows.filter((row) => row.secured === secured).map(({ name }) => name);
  expect([named(true), named(false)]).toEqual([SECURED, Object.keys(OPEN)]);
});

test.each(READ)(
  'outside of a workspace %s has no rows, also on a connection that was in one or failed in one',
  async (table) => {
    expect(await counts(login, countOf(table))).toEqual([0]);
    const [inside] = await counts(login, `BEGIN; ${enter(ONE)}; ${countOf(table)}; COMMIT`);
    expect(inside).toBeGreaterThan(0);
    expect(await counts(login, countOf(table))).toEqual([0]);
    await expect(counts(login, `BEGIN; ${enter(ONE)}; SELECT 1 / 0`)).rejects.toThrow('division by zero');
    await login.query('ROLLBACK');
    expect(await counts(login, countOf(table))).toEqual([0]);
  },
);

test.each(READ)('a connection that was in one workspace shows only the other one in %s', async (table) => {
  const insideOf = (workspaceId: number) => {
    const foreign = `${countOf(table)} WHERE workspace_id <> ${workspaceId}`;
    return counts(login, `BEGIN; ${enter(workspaceId)}; ${countOf(table)}; ${foreign}; COMMIT`);
  };
  const own = async (workspaceId: number) =>
    (await owner.query(`${countOf(table)} WHERE workspace_id = $1`, [workspaceId])).rows[0]?.rows;
  expect(await insideOf(ONE)).toEqual([await own(ONE), 0]);
  expect(await insideOf(OTHER)).toEqual([await own(OTHER), 0]);
});

test.each(WRITER_ONLY)('the login has no right to %s, inside of a workspace neither', async (table) => {
  await expect(counts(login, `BEGIN; ${enter(ONE)}; ${countOf(table)}`)).rejects.toThrow('permission denied');
  await login.query('ROLLBACK');
});

test.each(SECURED)('%s has rows of both workspaces for the role that looks across alone', async (table) => {
  const own = `workspace_id IN (${ONE}, ${OTHER})`;
  const seen = `SELECT count(DISTINCT workspace_id)::int AS rows FROM ${table} WHERE ${own}`;
  expect(await counts(login, `SET ROLE ${ACROSS}; ${seen}; RESET ROLE`)).toEqual([2]);
});

test.each([
  'INSERT INTO ledger_head SELECT * FROM ledger_head',
  'INSERT INTO decision_log SELECT * FROM decision_log',
  `UPDATE escalation SET status = 'expired'`,
  'UPDATE ledger_shard SET epoch = epoch + 1',
])('the login writes nothing: %s', async (write) => {
  await expect(login.query(`BEGIN; ${enter(ONE)}; ${write}`)).rejects.toThrow('permission denied');
  await login.query('ROLLBACK');
});

test('neither role passes row security by, and only the login logs in', async () => {
  const { rows } = await owner.query(
    `SELECT rolname FROM pg_roles
     WHERE rolname LIKE 'magistry_decisions%' AND (rolbypassrls OR rolsuper OR rolcanlogin)`,
  );
  expect(rows.map(({ rolname }) => rolname)).toEqual(['magistry_decisions']);
});

test('many reads of two workspaces over one pool each see their own', async () => {
  const reads = Array.from({ length: 80 }, async (_, at) => {
    const workspaceId = at % 2 ? OTHER : ONE;
    const [{ data }, row] = await Promise.all([
      ledger.list('limit=100', { workspaceId }),
      ledger.get(2, { workspaceId }),
    ]);
    return [workspaceId, data.length, data[1].id === row.id];
  });
  expect(await Promise.all(reads)).toEqual(
    Array.from({ length: 80 }, (_, at) => (at % 2 ? [OTHER, ROWS[OTHER], true] : [ONE, ROWS[ONE], true])),
  );
});

test('a query that forgets its workspace sees that of its read, and a failed one leaves nothing behind', async () => {
  const database = ledger.openDatabase();
  const forgetful = { text: 'SELECT DISTINCT workspace_id FROM decision_log' };
  const fault = { text: 'SELECT 1 / 0' };
  const asked = Array.from({ length: 60 }, (_, at) => {
    const workspaceId = at % 2 ? OTHER : ONE;
    return at % 5 === 0
      ? database.query(workspaceId, fault).then(
          () => 'answered',
          (error: Error) => error.message,
        )
      : database.query(workspaceId, forgetful);
  });
  expect(await Promise.all(asked)).toEqual(
    Array.from({ length: 60 }, (_, at) =>
      at % 5 === 0 ? 'division by zero' : [{ workspace_id: at % 2 ? OTHER : ONE }],
    ),
  );
  await database.close();
});

test('reads go on after their connections are cut, and the ones under way are told to retry', async () => {
  const database = ledger.openDatabase();
  const slow = database.query(ONE, { text: `SELECT pg_sleep(10) AS "reads are cut"` });
  const refused = expect(slow).rejects.toMatchObject({ code: 'service_unavailable' });
  const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%reads are cut%'
    AND pid <> pg_backend_pid()`;
  for (let rowCount = 0; rowCount === 0; ) rowCount = (await owner.query(cut)).rowCount ?? 0;
  await refused;
  expect(await database.query(ONE, { text: countOf('decision_log') })).toEqual([{ rows: ROWS[ONE] }]);
  await database.close();
});

test('housekeeping removes what has served its time, of every workspace, and nothing else', async () => {
  const database = ledger.openDatabase();
  const house = new Housekeeping(database.across);
  const left = async () => (await owner.query(countOf('idempotency'))).rows[0]?.rows;
  await house.deleteExpired(ledger.clock.now);
  expect(await left()).toBe(2);
  await house.deleteExpired(ledger.clock.now + 25 * 60 * 60 * 1_000);
  expect(await left()).toBe(0);
  await database.close();
});

test('the outbox is read across workspaces, each event of its own', async () => {
  const request = { shard: decisions.shardOf(ONE), afterPosition: 0n, limit: 100 };
  const { events } = await ledger.caller.call(decisions.readOutbox, request, ledger.context());
  expect(events.length).toBe(2 * ((ROWS[ONE] ?? 0) + (ROWS[OTHER] ?? 0)) - 2);
});
