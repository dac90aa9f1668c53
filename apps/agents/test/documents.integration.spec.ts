import { agents } from '@magistry/contracts';
import { textPdf } from '@magistry/testing';
import { type RunningAgents, startAgents, WORKSPACE_ID } from './agents.fixture.js';
import { Documents } from './documents.fixture.js';

const OTHER_WORKSPACE = 8;
const MIB = 1024 * 1024;

let running: RunningAgents;
let own: Documents;
let others: Documents;

beforeAll(async () => {
  running = await startAgents();
  own = new Documents(running, WORKSPACE_ID);
  others = new Documents(running, OTHER_WORKSPACE);
});
afterAll(() => running.stop());

interface Answered {
  readonly output: { readonly text: string };
  readonly run_id: string;
}

async function ask(question: string, workspaceId = WORKSPACE_ID): Promise<string> {
  const request = { params: { slug: 'catalog-assistant' }, body: { payload: { question } } };
  const { json } = await running.send(agents.runAgent, request, { id: workspaceId });
  return (json as Answered).output.text;
}

const send = (body: object) =>
  running.send(agents.createDocument, { params: { slug: 'catalog-assistant' }, body });
const base64 = (bytes: Buffer | string) => Buffer.from(bytes as string).toString('base64');

test('a document is found by its words at once, and is ready a moment later', async () => {
  const { status, data } = await own.create('Umbrellas are lent to guests for the day.', 'Umbrellas');
  expect({ status, data }).toEqual({
    status: 201,
    data: {
      ...{ id: expect.any(Number), agent: 'catalog-assistant', name: 'Umbrellas', status: 'indexing' },
      ...{ characters: 41, passages: 1, created_at: expect.stringMatching(/Z$/) },
    },
  });
  expect(await ask('Are umbrellas lent?')).toContain(`lent to guests for the day. [${data.id}.1]`);
  await own.untilNoneIs('indexing');
  expect((await own.get(data.id)).status).toBe('ready');
});

test('the same content twice, and twice at once, is one document under its first name', async () => {
  const sent = await Promise.all(
    [1, 2, 3].map((copy) => own.create('Ladders stand in the cellar.', `${copy}`)),
  );
  expect(sent.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
  const made = sent.find(({ status }) => status === 201);
  expect(sent.map(({ data }) => [data.id, data.name])).toEqual(
    sent.map(() => [made?.data.id, made?.data.name]),
  );
});

test('a document of one workspace is in no list, answer or path of another', async () => {
  const { data } = await own.create('The safe opens with the number 4711.');
  await own.untilNoneIs('indexing');
  await others.create('The door opens with a key.');
  await others.untilNoneIs('indexing');
  expect((await others.list()).map(({ passages }) => passages)).toEqual([1]);
  await expect(others.get(data.id)).rejects.toMatchObject({ code: 'not_found' });
  await expect(others.delete(data.id)).rejects.toMatchObject({ code: 'not_found' });
  const answer = await ask('With which number does the safe open?', OTHER_WORKSPACE);
  expect(answer).not.toContain('4711');
  expect(await ask('With which number does the safe open?')).toContain('4711');
});

test("a document of one agent is not another's", async () => {
  const elsewhere = new Documents(running, WORKSPACE_ID, 'offer-orchestrator-mag');
  const { data } = await own.create('Keys hang beside the door.');
  expect(await elsewhere.list()).toEqual([]);
  await expect(elsewhere.get(data.id)).rejects.toMatchObject({ code: 'not_found' });
});

test('a deleted document answers nothing more, and can be given again', async () => {
  const text = 'Scissors lie in the upper drawer.';
  const { data } = await own.create(text);
  await own.delete(data.id);
  await expect(own.get(data.id)).rejects.toMatchObject({ code: 'not_found' });
  await expect(own.delete(data.id)).rejects.toMatchObject({ code: 'not_found' });
  expect(await ask('Where do the scissors lie?')).not.toContain('drawer');
  expect((await own.create(text)).status).toBe(201);
});

test('the documents of an agent go with it, and one that is given while it goes is not left behind', async () => {
  const workspace = { id: 9 };
  const made = { slug: 'librarian', title: 'Librarian', description: 'Knows books.' };
  const documents = new Documents(running, workspace.id, made.slug);
  for (let round = 0; round < 3; round += 1) {
    await running.send(agents.createAgent, { body: made }, workspace);
    expect(await documents.list()).toEqual([]);
    await documents.create(`Book ${round} stands on the upper shelf.`);
    const late = documents.create(`Book ${round} was lent.`).catch(({ code }) => code);
    await running.send(agents.deleteAgent, { params: { slug: made.slug } }, workspace);
    expect([{ status: 201 }, 'agent_not_found']).toContainEqual(
      await late.then((answered) => (typeof answered === 'string' ? answered : { status: answered.status })),
    );
  }
});

test.each<[string, object]>([
  ['a text file', { content_type: 'text/markdown', data: base64('# Tea\n\nTea is at four.') }],
  ['a PDF', { content_type: 'application/pdf', data: base64(textPdf([['Coffee is at three.']])) }],
])('%s is read', async (_, file) => {
  expect(await send({ name: 'file', ...file })).toMatchObject({
    status: 201,
    json: { data: { passages: 1 } },
  });
});

test.each<[string, object, string]>([
  ['NUL', { content: 'a\0b' }, 'content'],
  ['half a character', { content: 'a\ud800' }, 'content'],
  ['nothing', { content: '' }, 'content'],
  ['white space alone', { content: ' \n\t\n' }, 'content'],
  ['headings alone', { content: '# One\n## Two' }, 'content'],
  ['neither text nor a file', {}, 'content'],
  ['text and a file', { content: 'a', content_type: 'text/plain', data: 'YQ==' }, 'content'],
  ['a file without its type', { data: 'YQ==' }, 'content_type'],
  ['a picture', { content_type: 'image/png', data: 'YQ==' }, 'content_type'],
  ['a file that is not what it claims', { content_type: 'application/pdf', data: 'YQ==' }, 'content_type'],
  ['more text than is taken', { content: 'a '.repeat(MIB) }, 'content'],
  ['a file with more text', { content_type: 'text/plain', data: base64('a '.repeat(MIB)) }, 'data'],
])('%s is refused by its member', async (_, body, path) => {
  await expect(send({ name: 'file', ...body })).rejects.toMatchObject({
    code: 'validation_failed',
    errors: expect.arrayContaining([expect.objectContaining({ path })]),
  });
});

test('words without end, and the names of special tokens, are kept and found', async () => {
  const { data } = await own.create(`The password hint is zebra. ${'x'.repeat(20_000)} <|endoftext|>`);
  expect(data.passages).toBeGreaterThan(10);
  expect(await ask('What is the password hint?')).toContain(`[${data.id}.1]`);
  await own.delete(data.id);
});

test('a line of 1 MiB is taken, and answers in between are not held up', async () => {
  const line = 'Item of stock in aisle nine, on the shelf behind the tall ladder, counted twice. '.repeat(
    12_945,
  );
  const made = others.create(line.slice(0, MIB));
  const [{ data }, slowestMs] = await Promise.all([made, slowestWhile(made)]);
  process.stdout.write(`1 MiB: ${data.passages} passages; the slowest answer meanwhile: ${slowestMs} ms\n`);
  expect(data.passages).toBeGreaterThan(1_000);
  await expect(others.create(`More. ${line.slice(0, MIB - 10)}`)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('5000 passages'),
  });
  for (const { id } of await others.list()) await others.delete(id);
});

async function slowestWhile(work: Promise<unknown>): Promise<number> {
  let isDone = false;
  void work.finally(() => {
    isDone = true;
  });
  let slowest = 0;
  while (!isDone) {
    const from = performance.now();
    await running.send(agents.listAgents, {});
    slowest = Math.max(slowest, performance.now() - from);
  }
  return Math.round(slowest);
}
