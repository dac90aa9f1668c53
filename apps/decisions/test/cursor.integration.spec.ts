import pg from 'pg';
import { LedgerUnderTest } from './ledger.fixture.js';

let ledger: LedgerUnderTest;
beforeAll(async () => {
  ledger = await LedgerUnderTest.start();
  await ledger.setKillSwitch(false);
});
afterAll(() => ledger.stop());

const unlimited = { velocityPerMinute: 0, budgetDraw: undefined };

test('reading by cursor while 16 writers commit misses nothing and doubles nothing', async () => {
  const seen: number[] = [];
  let isWriting = true;
  const writers = Array.from({ length: 16 }, async (_, writer) => {
    for (let count = 0; count < 60; count++)
      await ledger.propose({ ...unlimited, subject: `w${writer}-${count}` });
  });
  const reader = (async () => {
    let cursor = '';
    while (true) {
      const wasWriting = isWriting;
      const page = await ledger.list(`limit=50${cursor && `&cursor=${cursor}`}`);
      seen.push(...page.data.map((row: { decision_id: number }) => row.decision_id));
      cursor = page.next_cursor;
      if (!wasWriting && !page.has_more) return;
    }
  })();
  await Promise.all(writers);
  isWriting = false;
  await reader;
  // One row more than the writers made: the release of the kill switch.
  expect(seen).toEqual(Array.from({ length: 16 * 60 + 1 }, (_, index) => index + 1));
});

test('the cursor of the last page goes on where it ended', async () => {
  const asked = { workspaceId: 21 };
  const empty = await ledger.list('', asked);
  expect(empty).toMatchObject({ data: [], has_more: false });
  await ledger.setKillSwitch(false, asked);
  const first = await ledger.list(`cursor=${empty.next_cursor}`, asked);
  expect(first.data).toHaveLength(1);
  expect((await ledger.list(`cursor=${first.next_cursor}`, asked)).data).toEqual([]);
  await ledger.propose({}, asked);
  expect((await ledger.list(`cursor=${first.next_cursor}`, asked)).data).toHaveLength(1);
});

test('filters and order narrow the page, and a cursor belongs to its query', async () => {
  const asked = { workspaceId: 22 };
  await ledger.setKillSwitch(false, asked);
  for (const subject of ['a', 'b', 'a']) await ledger.propose({ subject }, asked);
  const page = await ledger.list('subject=a&limit=1', asked);
  expect(page).toMatchObject({ has_more: true, data: [{ subject: 'a', decision_id: 2 }] });
  expect((await ledger.list(`subject=a&limit=1&cursor=${page.next_cursor}`, asked)).data[0].decision_id).toBe(
    4,
  );
  await expect(ledger.list(`subject=b&cursor=${page.next_cursor}`, asked)).rejects.toMatchObject({
    code: 'validation_failed',
    errors: [{ path: 'cursor', code: 'filter_changed' }],
  });
  expect(
    (await ledger.list('order=desc', asked)).data.map((row: { decision_id: number }) => row.decision_id),
  ).toEqual([4, 3, 2, 1]);
  expect((await ledger.list('until=2000-01-01T00:00:00Z', asked)).data).toEqual([]);
  expect((await ledger.list('since=2000-01-01T00:00:00Z', asked)).data).toHaveLength(4);
});

test('a forged cursor and one of another workspace are refused', async () => {
  const { next_cursor } = await ledger.list('', { workspaceId: 22 });
  for (const cursor of ['cur_AAAA', 'nonsense', `${next_cursor.slice(0, -2)}AA`]) {
    await expect(ledger.list(`cursor=${cursor}`, { workspaceId: 22 })).rejects.toMatchObject({
      code: 'validation_failed',
    });
  }
  await expect(ledger.list(`cursor=${next_cursor}`, { workspaceId: 23 })).rejects.toMatchObject({
    code: 'validation_failed',
  });
});

test('a cursor behind a row that a restore took away is 409 cursor_forked', async () => {
  const asked = { workspaceId: 24 };
  await ledger.setKillSwitch(false, asked);
  await ledger.propose({}, asked);
  const { next_cursor } = await ledger.list('', asked);
  const owner = new pg.Client({ connectionString: ledger.database.adminUrl });
  await owner.connect();
  await owner.query('ALTER TABLE decisions.decision_log DISABLE TRIGGER USER');
  await owner.query('DELETE FROM decisions.decision_log WHERE workspace_id = 24 AND decision_id = 2');
  await owner.end();
  await expect(ledger.list(`cursor=${next_cursor}`, asked)).rejects.toMatchObject({ code: 'cursor_forked' });
});
