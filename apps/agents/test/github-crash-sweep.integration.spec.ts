import { GithubHome, payloadOf } from './github.fixture.js';

const COMMAND = '@offer-orchestrator-mag {"role": "Senior Engineer"}';
const QUICK = { leaseMs: 400, lookEveryMs: 50 };
/** The process that dies takes up nothing again. */
const DYING = { ...QUICK, lookEveryMs: 1_000_000 };
const NEVER = 1_000_000;
const STUCK_MS_MAX = 8_000;

let home: GithubHome;

beforeAll(async () => {
  home = await GithubHome.open();
  // A gate behind the k-th note on commands: who answers one can note no more, as if it were killed there.
  await home.admin.query(`
    CREATE SEQUENCE notes; GRANT USAGE, SELECT ON SEQUENCE notes TO PUBLIC;
    CREATE TABLE gate (notes_max integer NOT NULL); INSERT INTO gate VALUES (${NEVER}); GRANT SELECT ON gate TO PUBLIC;
    CREATE FUNCTION close_gate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      -- Renewals come when they come: counted, they would shift which notes are tried.
      IF to_jsonb(NEW) - 'leased_until' = to_jsonb(OLD) - 'leased_until' AND
        (SELECT last_value FROM agents.notes) <= (SELECT notes_max FROM agents.gate) THEN RETURN NEW; END IF;
      IF nextval('agents.notes') > (SELECT notes_max FROM agents.gate) THEN RAISE 'the gate is closed'; END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER close_gate BEFORE UPDATE ON github_command FOR EACH ROW EXECUTE FUNCTION close_gate();`);
});
afterAll(() => home.close());

const notes = async () => Number((await home.admin.query('SELECT last_value FROM notes')).rows[0].last_value);

/** A command that loses its process behind so many notes. */
async function perform(round: number, killedBehind: number) {
  const { github, admin } = home;
  github.comments.length = 0;
  await admin.query(`SELECT setval('notes', 1, false)`);
  await admin.query('UPDATE gate SET notes_max = $1', [killedBehind]);
  const runsBefore = await home.count('run');
  const first = await home.start(DYING);
  const id = await home.deliver(first, payloadOf('issue_comment', 'created', `${COMMAND} (${round})`));
  if (killedBehind < NEVER) {
    await untilStuck(killedBehind);
    await home.start(QUICK);
    await admin.query('UPDATE gate SET notes_max = $1', [NEVER]);
  }
  const [command] = await home.untilEnded(id);
  const taken = await notes();
  await home.stopProcesses();
  const [comment] = github.comments;
  const told = {
    ...{ state: command?.state, comments: github.comments.length },
    text: comment?.body.replace(/mag-[0-9a-f]{8}|[0-9a-f-]{36}/g, 'id'),
    runs: (await home.count('run')) - runsBefore,
  };
  return { told, taken };
}

async function untilStuck(killedBehind: number): Promise<void> {
  const startedAt = performance.now();
  while ((await notes()) <= killedBehind && performance.now() - startedAt < STUCK_MS_MAX)
    await new Promise((resolve) => setTimeout(resolve, 5));
}

test('a command whose process dies behind any of its notes ends as an undisturbed one', async () => {
  const { told: undisturbed, taken } = await perform(0, NEVER);
  expect(undisturbed).toMatchObject({ state: 'answered', comments: 1, runs: 2 });
  expect(undisturbed.text).toContain('"base_salary_eur": 80000');
  expect(taken).toBeGreaterThan(4);
  for (let behind = 1; behind < taken; behind += 1) {
    const { told } = await perform(behind, behind);
    expect({ behind, told }).toEqual({ behind, told: undisturbed });
  }
}, 120_000);
