import { agents } from '@magistry/contracts';
import type { RunningProcess } from './agents.fixture.js';
import { GithubHome, payloadOf } from './github.fixture.js';

const COMMAND = '@offer-orchestrator-mag {"role": "Senior Engineer"}';
const OUTPUT = '"base_salary_eur": 80000';

let home: GithubHome;
let running: RunningProcess;
let nobodyBefore = 0;

beforeAll(async () => {
  home = await GithubHome.open();
  running = await home.start();
});
afterAll(() => home.close());
beforeEach(() => {
  nobodyBefore = home.github.comments.length;
});

let texts = 0;
/** No two deliveries have the same body: the same one would be a replay. */
const comment = (body: string, action = 'created') => {
  texts += 1;
  return payloadOf('issue_comment', action, `${body}\n\n(${texts})`);
};
const posted = () => home.github.comments.slice(nobodyBefore);

async function answer(payload: unknown, event = 'issue_comment') {
  const id = await home.deliver(running, payload, { event });
  return home.untilEnded(id);
}

test('a command is answered in one comment, which follows its run to the output', async () => {
  const [command] = await answer(comment(`Please.\n${COMMAND}`));
  expect(command).toMatchObject({ state: 'answered', reason: null });
  expect(posted()).toHaveLength(1);
  const [{ body, earlier, kind, number }] = posted() as [ReturnType<typeof posted>[0]];
  expect({ kind, number }).toEqual({ kind: 'issues', number: 1 });
  expect(body).toContain(
    `**\`offer-orchestrator-mag\`** succeeded. Run \`${command?.run_id}\`.\n\n\`\`\`json\n`,
  );
  expect(body).toContain(OUTPUT);
  expect(body).toMatch(/<!-- magistry-command:[0-9a-f-]{36} -->$/);
  for (const before of earlier) expect(before).toContain('is running');
});

test('its run is by its sender, with rights to look alone, and has its payload as data', async () => {
  const [command] = await answer(comment(COMMAND));
  const { rows } = await home.admin.query(
    'SELECT workspace_id, caller, input, granted FROM run WHERE id = $1',
    [command?.run_id],
  );
  expect(rows[0]).toMatchObject({
    workspace_id: 7,
    caller: {
      ...{ principalId: 'github:codertocat', actor: 'github:codertocat' },
      scopes: ['decisions:read', 'killswitch:read'],
      workspace: { slug: 'linen-house' },
    },
    input: {
      payload: { role: 'Senior Engineer' },
      metadata: { source: 'github', repository: 'Codertocat/Hello-World', number: 1 },
      isUntrusted: true,
    },
  });
});

test('its sub-agents take the payload for data too', async () => {
  const [command] = await answer(comment(COMMAND));
  const { rows } = await home.admin.query('SELECT input FROM run WHERE parent_id = $1', [command?.run_id]);
  expect(rows).toEqual([{ input: expect.objectContaining({ isUntrusted: true }) }]);
});

test('a review comment is answered in its thread', async () => {
  const payload = payloadOf('pull_request_review_comment', 'created', COMMAND);
  await answer(payload, 'pull_request_review_comment');
  expect(posted()).toMatchObject([{ kind: 'pulls', number: 2, inReplyTo: payload.comment.id }]);
  expect(posted()[0]?.body).toContain(OUTPUT);
});

test('a pull request is answered for what its text asks, and again for a push to it', async () => {
  const opened = payloadOf('pull_request', 'opened', COMMAND);
  await answer(opened, 'pull_request');
  await answer({ ...opened, action: 'synchronize' }, 'pull_request');
  expect(posted()).toMatchObject([
    { kind: 'issues', number: 2 },
    { kind: 'issues', number: 2 },
  ]);
});

test('several commands of a comment are each answered', async () => {
  const commands = await answer(comment(`${COMMAND}\n${COMMAND}\n@nobody {"a": 1}`));
  expect(commands.map(({ state }) => state)).toEqual(['answered', 'answered', 'ignored']);
  expect(posted()).toHaveLength(2);
  expect(new Set(commands.slice(0, 2).map(({ run_id }) => run_id)).size).toBe(2);
});

test('JSON that cannot be read is told in the thread, and nothing is run', async () => {
  const runs = await home.count('run');
  const commands = await answer(comment("@offer-orchestrator-mag {'role': 1}"));
  expect(commands).toMatchObject([{ state: 'answered', run_id: null }]);
  expect(posted()).toHaveLength(1);
  expect(posted()[0]?.body).toMatch(/was not run\.\n\n```text\nThe JSON cannot be read: /);
  expect(await home.count('run')).toBe(runs);
});

test('a payload that does not fit the agent is told in the thread by field', async () => {
  await answer(comment('@offer-orchestrator-mag {"role": ""}'));
  expect(posted()[0]?.body).toContain('```text\nrole must NOT have fewer than 1 characters\n```');
});

test('a name that is no agent is nobody whom GitHub is asked about', async () => {
  const asked = home.github.asked.length;
  expect(await answer(comment('@alice {"a": 1}'))).toMatchObject([{ state: 'ignored' }]);
  expect(home.github.asked.length).toBe(asked);
});

test.each(['admin', 'maintain', 'write'])(
  'somebody with the permission "%s" is followed',
  async (permission) => {
    home.github.permissions.set('Codertocat', permission);
    expect(await answer(comment(COMMAND))).toMatchObject([{ state: 'answered' }]);
  },
);

test.each(['read', 'triage', 'none', undefined])(
  'somebody with the permission %j is not followed, and not answered',
  async (permission) => {
    const sender = { ...comment('').sender, login: `stranger-${permission}` };
    if (permission !== undefined) home.github.permissions.set(sender.login, permission);
    // GitHub calls some of them collaborators; that counts for nothing.
    const base = comment(COMMAND);
    const payload = {
      ...base,
      sender,
      comment: { ...base.comment, user: sender, author_association: 'COLLABORATOR' },
    };
    const commands = await answer(payload);
    expect(commands).toMatchObject([
      { state: 'refused', run_id: null, reason: expect.stringMatching(/^stranger-/) },
    ]);
    expect(posted()).toEqual([]);
  },
);

test("a text that an outsider wrote is not followed because somebody else's push delivers it", async () => {
  const payload = payloadOf('pull_request', 'synchronize', `${COMMAND} outside`);
  payload.pull_request.user = { ...payload.sender, login: 'outsider' };
  expect(await answer(payload, 'pull_request')).toMatchObject([{ state: 'refused' }]);
  expect(posted()).toEqual([]);
});

test('our own comments, those of our login and of bots begin nothing', async () => {
  await answer(comment(COMMAND));
  const before = await home.count('github_event');
  await home.deliver(running, payloadOf('issue_comment', 'created', posted()[0]?.body ?? ''));
  const bot = comment(COMMAND);
  await home.deliver(running, { ...bot, sender: { ...bot.sender, login: 'ci[bot]', type: 'Bot' } });
  expect(await home.count('github_event')).toBe(before);
  const base = comment(COMMAND);
  const own = { ...base.sender, login: home.github.login };
  home.github.permissions.set(home.github.login, 'admin');
  expect(await answer({ ...base, sender: own, comment: { ...base.comment, user: own } })).toMatchObject([
    { state: 'refused' },
  ]);
});

test('other events are taken and forgotten', async () => {
  const before = await home.count('github_event');
  await home.deliver(running, { zen: 'Keep it logically awesome.' }, { event: 'ping' });
  await home.deliver(running, payloadOf('issue_comment', 'deleted', COMMAND));
  await home.deliver(running, payloadOf('pull_request', 'labeled', COMMAND), { event: 'pull_request' });
  await home.deliver(running, payloadOf('pull_request', 'opened', null), { event: 'pull_request' });
  expect(await home.count('github_event')).toBe(before);
});

test.each([
  ['another secret', { secret: 'another secret' }],
  ['no signature', { signature: '' }],
  ['a signature of another length', { signature: 'sha256=00' }],
  ['a signature of another kind', { signature: `sha1=${'0'.repeat(40)}` }],
])('with %s a delivery is invalid_signature, and nothing of it is kept', async (_, delivered) => {
  const before = await home.count('github_event');
  await expect(home.deliver(running, comment(COMMAND), delivered)).rejects.toMatchObject({
    code: 'invalid_signature',
  });
  expect(await home.count('github_event')).toBe(before);
});

test('a signature counts for its bytes alone: not for the same JSON, nor for what is no UTF-8', async () => {
  const text = JSON.stringify(comment(COMMAND));
  const { sign } = await import('@octokit/webhooks-methods');
  const signature = await sign('a webhook secret', text);
  const send = (body: Buffer) =>
    running.call(agents.receiveGithubEvent, { event: 'ping', deliveryId: 'x', signature, body });
  await expect(send(Buffer.from(`${text} `))).rejects.toMatchObject({ code: 'invalid_signature' });
  await expect(send(Buffer.from([0xff, ...Buffer.from(text)]))).rejects.toMatchObject({
    code: 'invalid_signature',
  });
  await expect(send(Buffer.alloc(0))).rejects.toMatchObject({ code: 'invalid_signature' });
  await send(Buffer.from(text));
});

test('what GitHub would not send is refused, though it is signed', async () => {
  await expect(home.deliver(running, { action: 'created' })).rejects.toMatchObject({
    code: 'validation_failed',
  });
});

test('health names nothing when everything is set', async () => {
  expect((await running.call(agents.getGithubHealth, {})).missing).toEqual([]);
});
