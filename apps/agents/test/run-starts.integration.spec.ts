import { agents } from '@magistry/contracts';
import type { SentAnswer } from '@magistry/testing';
import pg from 'pg';
import { type RunningAgents, startAgents } from './agents.fixture.js';

/** As often as a free id is looked for. */
const TRIES = 5;

let running: RunningAgents;
let owner: pg.Client;
let taken: string;

beforeAll(async () => {
  running = await startAgents();
  taken = idOf(await run('the first of all'));
  owner = new pg.Client({ connectionString: running.adminUrl, options: '-c search_path=agents' });
  await owner.connect();
  // Of the runs that come next, so many are given an id that is taken.
  await owner.query(`
    CREATE SEQUENCE tries;
    CREATE TABLE misfortune (tries_max integer NOT NULL);
    INSERT INTO misfortune VALUES (0);
    GRANT ALL ON misfortune, tries TO PUBLIC;
    CREATE FUNCTION take_id() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = agents AS $$
    BEGIN
      IF nextval('tries') <= (SELECT tries_max FROM misfortune) THEN NEW.id := '${taken}'; END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER take_id BEFORE INSERT ON run FOR EACH ROW EXECUTE FUNCTION take_id();`);
});
afterAll(async () => {
  await owner.end();
  // The one that found no free id.
  const failed: AggregateError = await running.stop().catch((error) => error);
  expect(failed.errors.map(String)).toEqual(['Error: no free id was found for a run']);
});

/** A sequence is not rolled back: it counts tries that came to nothing. */
async function misfortunes(count: number): Promise<void> {
  await owner.query(`ALTER SEQUENCE tries RESTART; UPDATE misfortune SET tries_max = ${count}`);
}

async function tries(): Promise<number> {
  return (await owner.query('SELECT last_value::int4 AS tries FROM tries')).rows[0].tries;
}

function run(question: string, idempotencyKey?: string) {
  const request = { params: { slug: 'catalog-assistant' }, body: { payload: { question } } };
  const key = idempotencyKey !== undefined && { idempotencyKey };
  return running.send(agents.runAgent, { ...request, ...key });
}

function idOf({ json }: SentAnswer): string {
  return (json as { run_id: string }).run_id;
}

async function runsKept(question: string): Promise<string[]> {
  const text = `SELECT id FROM run WHERE input -> 'payload' ->> 'question' = $1`;
  return (await owner.query<{ id: string }>(text, [question])).rows.map(({ id }) => id);
}

test('a run whose id is taken begins under another, and the one that is there stays as it was', async () => {
  const before = await owner.query('SELECT * FROM run WHERE id = $1', [taken]);
  expect(before.rows).toHaveLength(1);
  await misfortunes(1);
  const id = idOf(await run('whose id is taken', 'taken'));
  expect(await tries()).toBe(2);
  expect(await runsKept('whose id is taken')).toEqual([id]);
  expect((await running.events(id)).map(({ event }) => event)).toEqual(['start', 'model_call', 'finish']);
  expect((await owner.query('SELECT * FROM run WHERE id = $1', [taken])).rows).toEqual(before.rows);
});

test('a retry of such a run finds it under its key', async () => {
  const [first, again] = [await run('whose id is taken', 'taken'), await run('whose id is taken', 'taken')];
  expect(again.json).toEqual(first.json);
  expect(await runsKept('whose id is taken')).toHaveLength(1);
});

test('a run that finds no free id in five tries is an error, and nothing of it is kept', async () => {
  await misfortunes(1_000);
  await expect(run('that finds none', 'none')).rejects.toMatchObject({ code: 'server_error' });
  expect([await tries(), await runsKept('that finds none')]).toEqual([TRIES, []]);
  await misfortunes(0);
  expect((await run('that finds none', 'none')).status).toBe(200);
});

test('requests of one key at once are one run, and all get its answer', async () => {
  await misfortunes(0);
  const all = await Promise.all(Array.from({ length: 8 }, () => run('at once', 'once')));
  const ids = new Set(all.map(idOf));
  expect([...ids]).toEqual(await runsKept('at once'));
});
