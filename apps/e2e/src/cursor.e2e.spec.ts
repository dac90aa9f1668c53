import { range } from './ledger.fixture.js';
import { aSmallStep } from './proposal-load.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import { Workspaces } from './workspaces.fixture.js';

const WRITERS = 16;
const PROPOSALS_EACH = 60;
/** The policy and the release of the kill switch that open the workspace. */
const ROWS_BEFORE = 2;

let workspaces: Workspaces;

beforeAll(async () => {
  workspaces = await Workspaces.open(systemUnderTest());
});
afterAll(() => workspaces?.close());

test('reading by cursor while 16 writers commit misses nothing and doubles nothing', async () => {
  const { client } = await workspaces.createOpen();
  let isWriting = true;
  const told: number[] = [];
  const writers = Array.from({ length: WRITERS }, async (_, writer) => {
    for (let count = 0; count < PROPOSALS_EACH; count += 1) {
      const { json } = await client.propose(aSmallStep(`${writer}-${count}`));
      told.push(json.decision_id);
    }
  });

  const seen: number[] = [];
  const reader = (async () => {
    let cursor = '';
    while (true) {
      const wasWriting = isWriting;
      const { json } = await client.get(`/v1/decisions?limit=7${cursor}`);
      seen.push(...json.data.map((row: { decision_id: number }) => row.decision_id));
      cursor = `&cursor=${json.next_cursor}`;
      if (!wasWriting && !json.has_more) return;
    }
  })();
  await Promise.all(writers);
  isWriting = false;
  await reader;

  expect(seen).toEqual(range(1, ROWS_BEFORE + WRITERS * PROPOSALS_EACH));
  expect(told.sort((one, other) => one - other)).toEqual(seen.slice(ROWS_BEFORE));
});

test('a cursor kept from one day to the next gives the rows that have come since, each once', async () => {
  const { client } = await workspaces.createOpen();
  const readOn = async (cursor: string) => (await client.get(`/v1/decisions?cursor=${cursor}`)).json;
  const first = (await client.get('/v1/decisions')).json;
  expect(first).toMatchObject({ has_more: false, next_cursor: expect.stringMatching(/^cur_/) });
  expect((await readOn(first.next_cursor)).data).toEqual([]);
  const { json: proposed } = await client.propose(aSmallStep('next-day'));
  const next = await readOn(first.next_cursor);
  expect(next.data.map((row: { decision_id: number }) => row.decision_id)).toEqual([proposed.decision_id]);
  expect((await readOn(next.next_cursor)).data).toEqual([]);
});
