import { agents } from '@magistry/contracts';
import type { RunningProcess } from './agents.fixture.js';
import { GithubHome, payloadOf } from './github.fixture.js';

const COMMAND = '@offer-orchestrator-mag {"role": "Senior Engineer"}';

let home: GithubHome;
let running: RunningProcess;
let texts = 0;
const comment = () => {
  texts += 1;
  return payloadOf('issue_comment', 'created', `${COMMAND}\n\n(${texts})`);
};

beforeAll(async () => {
  home = await GithubHome.open();
  running = await home.start();
});
beforeEach(() => home.clear());
afterAll(() => home.close());

/** A process with other settings in the place of the one before. */
async function restart(...settings: Parameters<GithubHome['start']>): Promise<void> {
  await home.stopProcesses();
  running = await home.start(...settings);
}

async function answer(deliveryId = crypto.randomUUID(), payload = comment()) {
  await home.deliver(running, payload, { deliveryId });
  return { payload, deliveryId, commands: await home.untilEnded(deliveryId) };
}

const asked = (pattern: RegExp) => home.github.asked.filter((name) => pattern.test(name)).length;

test.each([
  [403, { 'retry-after': '1' }],
  [429, { 'retry-after': '1' }],
  [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '0' }],
])('%i with a limit is waited for, and is no attempt', async (status, headers) => {
  home.github.troubleNext(/^POST/, { status, headers, message: 'slow down' });
  const startedAt = performance.now();
  const { commands } = await answer();
  expect(performance.now() - startedAt).toBeGreaterThan(900);
  expect(commands).toMatchObject([{ state: 'answered', attempts: 0 }]);
  expect(home.github.comments).toHaveLength(1);
});

test('while a limit holds, no command of the process knocks', async () => {
  home.github.troubleNext(/permission$/, { status: 429, headers: { 'retry-after': '2' } });
  const first = await home.deliver(running, comment());
  await until(async () => (await home.commandsOf(first))[0]?.reason != null);
  const before = home.github.asked.length;
  const second = await home.deliver(running, comment());
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(home.github.asked.length).toBe(before);
  for (const id of [first, second]) expect(await home.untilEnded(id)).toMatchObject([{ state: 'answered' }]);
});

test.each([/permission$/, /^POST/, /^PATCH/])('a 502 at %s is tried again', async (match) => {
  home.github.troubleNext(match, { status: 502 });
  const { commands } = await answer();
  expect(commands).toMatchObject([{ state: 'answered', attempts: 1 }]);
  expect(home.github.comments).toHaveLength(1);
});

test('a comment whose answer is lost is found again, not written twice', async () => {
  home.github.troubleNext(/^POST/, 'lost');
  const { commands } = await answer();
  expect(commands).toMatchObject([{ state: 'answered', attempts: 1 }]);
  expect([asked(/^POST/), home.github.comments.length]).toEqual([1, 1]);
  expect(home.github.comments[0]?.body).toContain('succeeded');
});

test("a stranger's copy of our marker is not taken for our comment", async () => {
  home.github.troubleNext(/^POST/, { status: 502 });
  const id = await home.deliver(running, comment());
  const { rows } = await home.admin.query('SELECT id FROM github_command');
  const body = `<!-- magistry-command:${rows[0].id} --> mine`;
  const updatedAt = new Date(Date.now() + 60_000).toISOString();
  const copy = { kind: 'issues', number: 1, login: 'mallory', inReplyTo: null, earlier: [] } as const;
  home.github.comments.push({ ...copy, id: 999, body, updatedAt, earlier: [] });
  expect(await home.untilEnded(id)).toMatchObject([{ state: 'answered' }]);
  expect(home.github.comments.map(({ login, body: text }) => [login, text === body])).toEqual([
    ['mallory', true],
    [home.github.login, false],
  ]);
});

test('a refusal of GitHub ends the command with its reason; a redelivery tries it again', async () => {
  home.github.troubleNext(/^POST/, { status: 403, message: 'Resource not accessible by integration' });
  const { commands, payload, deliveryId } = await answer();
  expect(commands).toMatchObject([
    { state: 'given-up', reason: 'POST at GitHub: 403, Resource not accessible by integration' },
  ]);
  expect(home.github.comments).toEqual([]);
  const again = await answer(deliveryId, payload);
  expect(again.commands).toMatchObject([{ state: 'answered', run_id: commands[0]?.run_id }]);
  expect([home.github.comments.length, await home.count(`run WHERE kind = 'main'`)]).toEqual([1, 1]);
});

test('a command that fails again and again is given up', async () => {
  let ahead = 0;
  await restart({}, { now: () => Date.now() + ahead });
  for (let attempt = 0; attempt < 8; attempt += 1) home.github.troubleNext(/^POST/, { status: 500 });
  const id = await home.deliver(running, comment());
  const hurry = setInterval(() => {
    ahead += 60_000;
  }, 20);
  const commands = await home.untilEnded(id).finally(() => clearInterval(hurry));
  expect(commands).toMatchObject([
    { state: 'given-up', attempts: 7, reason: 'POST at GitHub: 500, trouble' },
  ]);
  expect(asked(/^POST/)).toBe(8);
});

test.each([
  [{ token: undefined }, 'MAGSAG_GITHUB_TOKEN is not set'],
  [{ token: 'ghp_wrong' }, /^GET at GitHub: 401, Bad credentials/],
  [{ workspace: undefined }, 'MAGSAG_WORKSPACE is not set'],
  [{ workspace: 'nowhere' }, 'there is no workspace nowhere, which MAGSAG_WORKSPACE names'],
])('with %j commands are taken, and given up with what is wrong', async (values, reason) => {
  await restart({ values });
  const { commands } = await answer();
  const [command] = commands;
  expect(command?.state).toBe('given-up');
  expect(command?.reason).toMatch(reason);
});

test('without a secret nothing is taken, and the variable is named', async () => {
  await restart({ values: { webhookSecret: undefined, token: undefined } });
  await expect(home.deliver(running, comment())).rejects.toMatchObject({
    code: 'service_unavailable',
    message: expect.stringContaining('MAGSAG_GITHUB_WEBHOOK_SECRET is not set'),
  });
  expect(await home.count('github_event')).toBe(0);
  const { missing } = await running.call(agents.getGithubHealth, {});
  expect(missing).toEqual(['MAGSAG_GITHUB_WEBHOOK_SECRET', 'MAGSAG_GITHUB_TOKEN']);
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const startedAt = performance.now();
  while (!(await isSo())) {
    if (performance.now() - startedAt > 5_000) throw new Error('it has not come to that');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
