import { createTestDatabase, type TestDatabase } from '@magistry/testing';
import { queryOf } from '../src/domain/knowledge/query.js';
import { byMeaning, byWords, type Candidate, fused } from '../src/domain/knowledge/ranking.js';
import { Embedder } from '../src/knowledge/embedder.js';
import { Database } from '../src/storage/database.js';
import { PassageStore } from '../src/storage/passage-store.js';
import { type RunningProcess, startProcess, WORKSPACE_ID } from './agents.fixture.js';
import { Documents } from './documents.fixture.js';
import { HANDBOOK } from './handbook.fixture.js';

const AGENT = { workspaceId: WORKSPACE_ID, slug: 'catalog-assistant' };
const FIRST = 3;
const RANKINGS = { words: byWords, meaning: byMeaning, fused };
type Ranking = keyof typeof RANKINGS;
const SECTIONS = Object.values(HANDBOOK).flat();

let database: TestDatabase;
let running: RunningProcess;
let storage: Database;
const embedder = new Embedder();

beforeAll(async () => {
  database = await createTestDatabase('agents');
  running = await startProcess(database.url);
  storage = new Database(database.url, () => undefined);
  const documents = new Documents(running, WORKSPACE_ID);
  for (const [name, sections] of Object.entries(HANDBOOK)) {
    const markdown = sections.map(({ title, text }) => `## ${title}\n\n${text}\n`).join('\n');
    expect((await documents.create(markdown, name)).data.passages).toBe(sections.length);
  }
  await documents.untilNoneIs('indexing');
  expect(await documents.list('status=failed')).toEqual([]);
});
afterAll(async () => {
  await running.stop();
  await embedder.onModuleDestroy();
  await storage.onApplicationShutdown();
  await database.drop();
});

/** Of all sections how many are among the first that each ranking finds for their questions. */
async function foundBy(asked: 'question' | 'paraphrase'): Promise<Record<Ranking, number>> {
  const store = new PassageStore(storage);
  const found: Record<Ranking, number> = { words: 0, meaning: 0, fused: 0 };
  for (const section of SECTIONS) {
    const question = section[asked];
    const embedding = await embedder.embedQuestion(question);
    const candidates = await store.candidates(AGENT, queryOf(question), embedding);
    for (const [name, rank] of Object.entries(RANKINGS)) {
      const texts = await store.texts(WORKSPACE_ID, rank(candidates as Candidate[]).slice(0, FIRST));
      if (texts.some(({ heading }) => heading === section.title)) found[name as Ranking] += 1;
    }
  }
  const figures = JSON.stringify(found);
  process.stdout.write(`${asked}s found in the first ${FIRST}, of ${SECTIONS.length}: ${figures}\n`);
  return found;
}

test('of questions about a handbook nine in ten and more are found, and no fewer than by words alone', async () => {
  const found = await foundBy('question');
  expect(found.fused).toBeGreaterThanOrEqual(0.9 * SECTIONS.length);
  expect(found.fused).toBeGreaterThanOrEqual(found.words);
});

test('of questions in none of its words two in three are found, and many more than by words alone', async () => {
  const found = await foundBy('paraphrase');
  expect(found.fused).toBeGreaterThanOrEqual(0.66 * SECTIONS.length);
  expect(found.fused).toBeGreaterThan(2 * found.words);
});
