import { createTestDatabase, type TestDatabase } from '@magistry/testing';
import pg from 'pg';
import { Database } from '../src/storage/database.js';
import { DocumentStore } from '../src/storage/document-store.js';
import { EmbeddingQueue, type EmbeddingTurn } from '../src/storage/embedding-queue.js';
import { type RunningProcess, startProcess, WORKSPACE_ID } from './agents.fixture.js';
import { Documents } from './documents.fixture.js';

const AGENT = { workspaceId: WORKSPACE_ID, slug: 'catalog-assistant' };
const LEASE_MS = 300;
const FALSE_EMBEDDING = new Int8Array(512).fill(1);

let database: TestDatabase;
let admin: pg.Client;
let storage: Database;
let queue: EmbeddingQueue;
let store: DocumentStore;

beforeEach(async () => {
  database = await createTestDatabase('agents');
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  storage = new Database(database.url, () => undefined);
  queue = new EmbeddingQueue(storage);
  store = new DocumentStore(storage);
});
afterEach(async () => {
  await storage.onApplicationShutdown();
  await admin.end();
  await database.drop();
});

/** Kept as by a process that died before it embedded anything. */
function insert(passageCount: number, name = 'Handbook'): Promise<{ id: number }> {
  const passages = Array.from({ length: passageCount }, (_, index) => ({
    heading: '',
    content: `Rule ${index} of ${name} is kept by everybody.`,
  }));
  const contentHash = Buffer.from(name.padEnd(32));
  const wanted = { name, contentHash, characters: 1, passages, createdAt: new Date() };
  return storage.transactionIn(WORKSPACE_ID, (transaction) => store.insert(transaction, AGENT, wanted));
}

async function claimed(): Promise<EmbeddingTurn> {
  const turn = await queue.claim(LEASE_MS);
  if (!turn) throw new Error('nothing was due');
  return turn;
}

const embedded = async () => {
  const { rows } = await admin.query(
    `SELECT count(*)::int4 AS all, count(embedding)::int4 AS embedded,
       count(*) FILTER (WHERE embedding = $1)::int4 AS falsely FROM agents.passage`,
    [Buffer.from(FALSE_EMBEDDING.buffer)],
  );
  return rows[0];
};
const falsely = (places: number[]) => places.map((place) => ({ place, embedding: FALSE_EMBEDDING }));
const leaseOver = () => new Promise((resolve) => setTimeout(resolve, LEASE_MS + 50));

async function withProcess(work: (documents: Documents) => Promise<void>): Promise<void> {
  const running: RunningProcess = await startProcess(database.url);
  await work(new Documents(running, WORKSPACE_ID));
  await running.stop();
}

test('what a dead process left half-way is finished by another, and what it had kept is not done again', async () => {
  const { id } = await insert(20);
  const first = await claimed();
  await queue.keep(first, falsely([1, 2, 3]), false);
  await claimed();
  await withProcess(async (documents) => {
    await documents.untilNoneIs('indexing');
    expect((await documents.get(id)).status).toBe('ready');
  });
  expect(await embedded()).toEqual({ all: 20, embedded: 20, falsely: 3 });
});

test('a process that was thought dead keeps nothing, whether its document is at work or ready', async () => {
  const { id } = await insert(20);
  const late = await claimed();
  await leaseOver();
  const successor = await claimed();
  await queue.keep(late, falsely([1, 2, 3]), true);
  expect(await embedded()).toMatchObject({ embedded: 0 });
  await queue.letGo(successor);
  await withProcess((documents) => documents.untilNoneIs('indexing'));
  await queue.keep(late, falsely([4]), false);
  expect(await embedded()).toEqual({ all: 20, embedded: 20, falsely: 0 });
  const { rows } = await admin.query('SELECT status FROM agents.document WHERE id = $1', [id]);
  expect(rows).toEqual([{ status: 'ready' }]);
});

test('two processes never have the same document at once', async () => {
  await insert(3, 'one');
  await insert(3, 'two');
  const turns = await Promise.all(Array.from({ length: 6 }, () => queue.claim(60_000)));
  const taken = turns.filter((turn) => turn !== undefined).map(({ documentId }) => documentId);
  expect([taken.length, new Set(taken).size]).toEqual([2, 2]);
});

test('a document that is deleted while it is embedded leaves nothing behind, and holds nobody up', async () => {
  const { id } = await insert(20);
  const turn = await claimed();
  const isDeleted = await storage.transactionIn(WORKSPACE_ID, (transaction) =>
    store.delete(transaction, AGENT, id),
  );
  await queue.keep(turn, falsely([1]), false);
  expect([isDeleted, await embedded()]).toEqual([true, { all: 0, embedded: 0, falsely: 0 }]);
  await withProcess(async (documents) => {
    const made = await documents.create('Ladders stand in the cellar.');
    await documents.untilNoneIs('indexing');
    expect((await documents.get(made.data.id)).status).toBe('ready');
  });
});

test('documents take turns, so that a long one holds no short one up', async () => {
  const long = await insert(500, 'long');
  await queue.keep(await claimed(), falsely([1]), false);
  const short = await insert(1, 'short');
  expect((await claimed()).documentId).toBe(short.id);
  expect((await claimed()).documentId).toBe(long.id);
});

test('a document that nobody can embed is given up and stays to be found by its words', async () => {
  const { id } = await insert(3);
  for (let attempt = 1; attempt <= 5; attempt += 1) expect((await queue.claim(-1))?.documentId).toBe(id);
  expect(await queue.claim(-1)).toBeUndefined();
  await withProcess(async (documents) => {
    expect(await documents.list('status=failed')).toMatchObject([{ id, status: 'failed' }]);
  });
});

test('turns that a leaving process gives back count for nothing', async () => {
  const { id } = await insert(3);
  for (let turn = 1; turn <= 10; turn += 1) await queue.letGo(await claimed());
  expect((await claimed()).documentId).toBe(id);
});

test('the login of the service sees documents of its workspace alone, whatever it asks', async () => {
  await insert(3);
  const counts = (workspaceId: number) =>
    storage.query<{ documents: number; passages: number }>(workspaceId, {
      text: `SELECT (SELECT count(*)::int4 FROM document) AS documents,
        (SELECT count(*)::int4 FROM passage) AS passages`,
    });
  expect([await counts(WORKSPACE_ID), await counts(8)]).toEqual([
    [{ documents: 1, passages: 3 }],
    [{ documents: 0, passages: 0 }],
  ]);
});
