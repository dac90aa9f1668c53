import { ListDecisions } from '../src/operations/list-decisions.js';
import { DecisionReader } from '../src/storage/decision-reader.js';
import { LedgerDatabase } from '../src/storage/ledger-database.js';
import { LedgerEnds } from '../src/storage/ledger-ends.js';
import { LedgerUnderTest } from './ledger.fixture.js';

const SECRET = 'a cursor secret that is long enough!';
const ROWS = 6;

let ledger: LedgerUnderTest;
const databases: LedgerDatabase[] = [];

beforeAll(async () => {
  ledger = await LedgerUnderTest.start();
});
afterAll(async () => {
  await Promise.all(databases.map((database) => database.close()));
  await ledger.stop();
});

/** Counts what Postgres is asked, and asks it. */
class CountedDatabase extends LedgerDatabase {
  asked: string[] = [];

  override query<Row extends object>(workspaceId: number, query: { name?: string; text: string }) {
    this.asked.push(query.name ?? query.text);
    return super.query<Row>(workspaceId, query);
  }
}

interface Listed {
  readonly data: { decision_id: number; reversed_by: number | null; judge_score?: number | null }[];
  readonly next_cursor: string;
  readonly has_more: boolean;
}

/** The operation as one more process of the service runs it, asked by a gateway that keeps what it answered. */
function aReader(workspaceId: number) {
  const kept = new Map<string, { etag: string; body: Uint8Array }>();
  const database = new CountedDatabase(ledger.database.url, () => undefined);
  databases.push(database);
  const operation = new ListDecisions(new DecisionReader(database), new LedgerEnds(database), SECRET);
  const list = async (query: Record<string, unknown> = {}, apiVersion = '2026-05-01'): Promise<Listed> => {
    const asked = { limit: 25, order: 'asc' as const, ...query };
    const context = ledger.context({ workspaceId, apiVersion });
    const key = `${apiVersion} ${JSON.stringify(query)}`;
    const known = kept.get(key);
    const headers = known ? { 'if-none-match': known.etag } : {};
    const answer = await operation.execute({ context, query: asked, headers });
    const { status, body, etag = '' } = answer;
    if (status === 304) expect([etag, body.length]).toEqual([known?.etag, 0]);
    else if (etag !== '') kept.set(key, { etag, body });
    return JSON.parse(Buffer.from(status === 304 ? (known?.body ?? '') : body).toString());
  };
  const askedBy = async (work: () => Promise<unknown>) => {
    database.asked = [];
    await work();
    return database.asked;
  };
  return { list, askedBy };
}

async function aLedger(workspaceId: number): Promise<void> {
  await ledger.setKillSwitch(false, { workspaceId });
  for (let row = 2; row <= ROWS; row += 1) await ledger.propose({ subject: `s${row}` }, { workspaceId });
}

const reversedBy = ({ data }: Listed, decisionId: number) =>
  data.find((row) => row.decision_id === decisionId)?.reversed_by;

test('a page that has not changed costs one small read, and many who ask at once share it', async () => {
  await aLedger(61);
  const { list, askedBy } = aReader(61);
  const first = await list();
  expect(await askedBy(() => list())).toEqual(['ledger-end']);
  const answers: Listed[] = [];
  const asked = await askedBy(async () => {
    answers.push(...(await Promise.all(Array.from({ length: 40 }, () => list()))));
  });
  expect(asked).toEqual(['ledger-end']);
  expect(answers).toEqual(Array.from({ length: 40 }, () => first));
});

test('a reversal that was answered is seen by the next read of every process, filtered pages included', async () => {
  await aLedger(62);
  const readers = [aReader(62), aReader(62)];
  const queries = [{}, { limit: 3 }, { order: 'desc' }, { action: 'PRICE_CHANGE' }];
  for (let decisionId = 2; decisionId <= ROWS; decisionId += 1) {
    for (const { list } of readers) for (const query of queries) await list(query);
    const { json } = await ledger.reverse(decisionId, { workspaceId: 62 });
    for (const { list } of readers) {
      for (const query of queries) {
        const page = await list(query);
        const shown = page.data.some((row) => row.decision_id === decisionId);
        expect(reversedBy(page, decisionId)).toBe(shown ? json.decision_id : undefined);
      }
    }
  }
});

test('reads that race reversals never show less than what was answered before they began', async () => {
  await aLedger(63);
  const { list } = aReader(63);
  let answered: number[] = [];
  let isReversing = true;
  const faults: string[] = [];
  const racing = Array.from({ length: 8 }, async () => {
    while (isReversing) {
      const before = answered;
      const page = await list();
      for (const id of before) if (typeof reversedBy(page, id) !== 'number') faults.push(`${id}`);
    }
  });
  for (let decisionId = 2; decisionId <= ROWS; decisionId += 1) {
    await ledger.reverse(decisionId, { workspaceId: 63 });
    answered = [...answered, decisionId];
  }
  isReversing = false;
  await Promise.all(racing);
  expect(faults).toEqual([]);
});

test('the end of the ledger moves with the next row: its cursor goes on, has_more follows', async () => {
  await aLedger(64);
  const { list } = aReader(64);
  const page = await list({ limit: ROWS });
  expect(page).toMatchObject({ has_more: false });
  expect((await list({ cursor: page.next_cursor })).data).toEqual([]);
  await ledger.propose({ subject: 'one more' }, { workspaceId: 64 });
  expect(await list({ limit: ROWS })).toMatchObject({ has_more: true });
  expect((await list({ cursor: page.next_cursor })).data).toMatchObject([{ decision_id: ROWS + 1 }]);
});

test('pages at two versions, of other filters and of other workspaces stay apart', async () => {
  await aLedger(65);
  const { list } = aReader(65);
  const [older, newer] = [await list({}, '2026-05-01'), await list({}, '2026-11-01')];
  expect(older.data[1]).toHaveProperty('judge_score');
  expect(newer.data[1]).not.toHaveProperty('judge_score');
  expect(await list({}, '2026-05-01')).toEqual(older);
  expect((await list({ subject: 's3' })).data).toHaveLength(1);
  await expect(list({ cursor: (await aReader(61).list()).next_cursor })).rejects.toMatchObject({
    code: 'validation_failed',
  });
});

test('an empty ledger has nothing to be known by, and shows its first row', async () => {
  const { list } = aReader(66);
  expect(await list()).toMatchObject({ data: [], has_more: false });
  expect(await list()).toMatchObject({ data: [], has_more: false });
  await aLedger(66);
  expect((await list()).data).toHaveLength(ROWS);
});
