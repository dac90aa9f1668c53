import { createTestDatabase, type TestDatabase } from '@magistry/testing';
import { queryOf } from '../src/domain/knowledge/query.js';
import { byMeaning, byWords, type Candidate, fused } from '../src/domain/knowledge/ranking.js';
import { Embedder } from '../src/knowledge/embedder.js';
import { Database } from '../src/storage/database.js';
import { PassageStore } from '../src/storage/passage-store.js';
import { type RunningProcess, startProcess, WORKSPACE_ID } from './agents.fixture.js';
import { Documents } from './documents.fixture.js';
import { HANDBOOK, type Handbook, STAFF_HANDBOOK } from './handbook.fixture.js';

const FIRST = 3;
const RANKINGS = { words: byWords, meaning: byMeaning, fused };
type Ranking = keyof typeof RANKINGS;

let database: TestDatabase;
let running: RunningProcess;
let storage: Database;
const embedder = new Embedder();

beforeAll(async () => {
  database = await createTestDatabase('agents');
  running = await startProcess(database.url);
  storage = new Database(database.url, () => undefined);
});
afterAll(async () => {
  await running.stop();
  await embedder.onModuleDestroy();
  await storage.onApplicationShutdown();
  await database.drop();
});

describe.each([
  ['the handbook that the ranking is tuned on', 'catalog-assistant', HANDBOOK],
  ['a handbook that it was not', 'document-agent', STAFF_HANDBOOK],
])('of %s', (_, slug, handbook: Handbook) => {
  const sections = Object.values(handbook).flat();

  beforeAll(async () => {
    const documents = new Documents(running, WORKSPACE_ID, slug);
    for (const [name, of] of Object.entries(handbook)) {
      const markdown = of.map(({ title, text }) => `## ${title}\n\n${text}\n`).join('\n');
      expect((await documents.create(markdown, name)).data.passages).toBe(of.length);
    }
    await documents.untilNoneIs('indexing');
    expect(await documents.list('status=failed')).toEqual([]);
  }, 60_000);

  /** Of all sections how many are among the first that each ranking finds for their questions. */
  async function foundBy(
    asked: 'question' | 'paraphrase',
    seen: (candidates: Candidate[]) => Candidate[] = (candidates) => candidates,
  ): Promise<Record<Ranking, number>> {
    const store = new PassageStore(storage);
    const found: Record<Ranking, number> = { words: 0, meaning: 0, fused: 0 };
    for (const section of sections) {
      const embedding = await embedder.embedQuestion(section[asked]);
      const agent = { workspaceId: WORKSPACE_ID, slug };
      const candidates = seen(await store.candidates(agent, queryOf(section[asked]), embedding));
      for (const [name, rank] of Object.entries(RANKINGS)) {
        const texts = await store.texts(WORKSPACE_ID, rank(candidates).slice(0, FIRST));
        if (texts.some(({ heading }) => heading === section.title)) found[name as Ranking] += 1;
      }
    }
    const figures = JSON.stringify(found);
    process.stdout.write(`${asked}s found in the first ${FIRST}, of ${sections.length}: ${figures}\n`);
    return found;
  }

  test('nine questions in ten and more are found, and no fewer than by words alone', async () => {
    const found = await foundBy('question');
    expect(found.fused).toBeGreaterThanOrEqual(0.9 * sections.length);
    expect(found.fused).toBeGreaterThanOrEqual(found.words);
  });

  test('of questions in none of its words six in ten are found, and more than by words alone', async () => {
    const found = await foundBy('paraphrase');
    expect(found.fused).toBeGreaterThanOrEqual(0.6 * sections.length);
    expect(found.fused).toBeGreaterThan(found.words);
  });

  test.each([0, 1])('while half of it is embedded, questions are found as by words (%i)', async (parity) => {
    const found = await foundBy('question', (candidates) => halfEmbedded(candidates, parity));
    expect(found.fused).toBe(found.words);
  });
});

/** Keeps of the passages on one side what is known of them before they are embedded. */
function halfEmbedded(candidates: readonly Candidate[], parity: number): Candidate[] {
  return candidates
    .map((candidate) => (candidate.place % 2 === parity ? { ...candidate, similarity: null } : candidate))
    .filter(({ wordRank, similarity }) => wordRank > 0 || similarity !== null);
}
