import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { agents } from '@magistry/contracts';
import { createTestDatabase, type TestDatabase } from '@magistry/testing';
import pg from 'pg';
import { eventsOf, type RunningProcess, startProcess } from './agents.fixture.js';
import { until } from './until.fixture.js';

const WORKSPACE_SLUG = 'workspace-7';
const PAYLOAD = { role: 'Senior Engineer', experience_years: 4 };

let home: string;
let database: TestDatabase;
let base: string;

beforeAll(async () => {
  database = await createTestDatabase('agents');
  home = await mkdtemp(join(tmpdir(), 'magistry-export-'));
  base = join(home, 'agents');
});
afterAll(async () => {
  await database.drop();
  await rm(home, { recursive: true });
});

const started: RunningProcess[] = [];
// A process that a failed test leaves would go on answering, for every other suite.
afterEach(() => Promise.allSettled(started.splice(0).map((running) => running.abandon())));

async function start(workspace?: string): Promise<RunningProcess> {
  const running = await startProcess(database.url, {
    ...(workspace !== undefined && { runExport: { folder: base, workspace, lookEveryMs: 50 } }),
  });
  started.push(running);
  return running;
}

async function run(running: RunningProcess): Promise<string> {
  const { json } = await running.send(agents.runAgent, {
    params: { slug: 'offer-orchestrator-mag' },
    body: { payload: PAYLOAD, metadata: { source: 'ci' } },
  });
  return (json as { run_id: string }).run_id;
}

const names = async (folder: string) => (await readdir(folder).catch(() => [])).sort();
/** Without those that are being written. */
const written = async () => (await names(base)).filter((name) => !name.startsWith('.'));
const json = async (...path: string[]) => JSON.parse(await readFile(join(home, ...path), 'utf8'));
const lines = async (...path: string[]) =>
  (await readFile(join(home, ...path), 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

test('runs that ended before and after the start are written once, as the API tells them', async () => {
  const earlier = await start();
  await run(earlier);
  await earlier.stop();
  const running = await start(WORKSPACE_SLUG);
  const runId = await run(running);
  // One before the start and one after it, each with its sub-run.
  await until('all runs are written', async () => (await written()).length === 4);
  expect(await names(join(base, runId))).toEqual(['logs.jsonl', 'metrics.json', 'summary.json']);

  const told = await running.send(agents.getRun, { params: { run_id: runId } });
  const { summary, metrics } = told.json as { summary: object; metrics: Record<string, number> };
  expect(await json('agents', runId, 'summary.json')).toMatchObject({ run_id: runId, ...summary, metrics });
  expect(await json('agents', runId, 'metrics.json')).toMatchObject(metrics);
  expect(await lines('agents', runId, 'logs.jsonl')).toEqual(await eventsOf(running, runId));

  const costs = await lines('costs', `${runId}.jsonl`);
  expect(costs.reduce((sum, { spent_micros }) => sum + spent_micros, 0)).toBe(metrics['cost_micros']);
  expect((await names(join(home, 'costs'))).length).toBe(4);
  await running.stop();
});

test('what is written already is left alone by the next process, and nothing unfinished stays behind', async () => {
  const [first = ''] = await written();
  const before = await readFile(join(base, first, 'summary.json'), 'utf8');
  const running = await start(WORKSPACE_SLUG);
  await run(running);
  await until('the newest runs are written', async () => (await written()).length === 6);
  await running.stop();
  expect(await readFile(join(base, first, 'summary.json'), 'utf8')).toBe(before);
  expect((await names(base)).every((name) => /^(mag|sag)-[0-9a-f]{8}$/.test(name))).toBe(true);
});

test('a run whose last call is not settled yet is written once it is, with what it cost', async () => {
  const admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  await admin.query('SET search_path = agents');
  const earlier = await start();
  const runId = await run(earlier);
  await earlier.stop();
  const text = 'UPDATE cost_entry SET spent_micros = $2, settled_at = $3 WHERE run_id = $1';
  await admin.query(text, [runId, null, null]);
  const running = await start(WORKSPACE_SLUG);
  await pause(300);
  const isEarly = (await names(base)).includes(runId);
  await admin.query(text, [runId, 7, new Date()]);
  await until('it is written', async () => (await names(base)).includes(runId));
  await running.stop();
  await admin.end();
  const calls = await lines('costs', `${runId}.jsonl`);
  expect({ isEarly, spent: calls.map((call) => call.spent_micros) }).toEqual({
    isEarly: false,
    spent: calls.map(() => 7),
  });
});

test('what a process has left half written by dying is removed, and what is being written is not', async () => {
  const [left, recent] = [join(base, '.unfinished-left'), join(base, '.unfinished-recent')];
  for (const folder of [left, recent]) await mkdir(folder);
  await writeFile(join(left, 'summary.json'), '{}');
  const before = new Date(Date.now() - 120_000);
  await utimes(left, before, before);
  const running = await start(WORKSPACE_SLUG);
  await until('it is removed', async () => !(await names(base)).includes('.unfinished-left'));
  await running.stop();
  expect(await names(base)).toContain('.unfinished-recent');
  await rm(recent, { recursive: true });
});

test('runs of another workspace are not written', async () => {
  const running = await start('somebody-else');
  await run(running);
  await pause(300);
  await running.stop();
  expect((await written()).length).toBe(8);
});

test('a disk that takes nothing costs no run its answer', async () => {
  const folder = join(home, 'costs', (await names(join(home, 'costs')))[0] ?? '', 'agents');
  const running = await startProcess(database.url, {
    runExport: { folder, workspace: WORKSPACE_SLUG, lookEveryMs: 50 },
  });
  expect(await run(running)).toMatch(/^mag-/);
  await running.stop();
});
