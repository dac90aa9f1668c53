import { textPdf } from '@magistry/testing';
import { eventually } from './eventually.fixture.js';
import type { Answered, GatewayClient } from './gateway.fixture.js';
import { credentialsOf, killProcess, systemUnderTest } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

const PATH = '/api/v1/messages';
const MIB = 1024 * 1024;
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==';
/** A lease of 6 s, the second in which it is seen, and what the messages take on a busy machine. */
const END_MS_MAX = 20_000;
const system = systemUnderTest();
const LETTER = textPdf([['Good morning!', 'The customer has the invoice.'], ['Thank you.']]);
const TRANSLATED = 'Guten Morgen!\nDer Kunde hat die Rechnung.\n\nDanke.';
let workspaces: Workspaces;
let home: TestWorkspace;
let client: GatewayClient;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  home = await workspaces.createOpen();
  const wanted = { name: 'Documents', agent: 'document-agent' };
  const { json } = await home.client.write('POST', '/api/v1/integrations', wanted);
  client = home.client.withKey(json.data.key);
});
afterAll(() => workspaces.close());

const file = (bytes: Buffer | string, content_type: string, name = 'document.pdf') => ({
  ...{ type: 'file', name, content_type },
  data: Buffer.from(bytes as string).toString('base64'),
});
const say = (content: string, attachments: unknown[], more = {}, by = client) =>
  by.send(PATH, { method: 'POST', body: { content, attachments, ...more } });
const refusal = ({ status, json }: Answered) => [status, json.error.code, json.error.message];
const decoded = ({ data }: { data: string }) => Buffer.from(data, 'base64').toString();

function eventsIn({ text }: Answered): { event: string; [member: string]: unknown }[] {
  const data = text.split('\n').filter((line) => line.startsWith('data: {'));
  return data.map((line) => JSON.parse(line.slice(6)));
}

test("seed 002's example is answered with the translation, in words and as a file", async () => {
  const { status, json } = await say('Translate this document', [file(LETTER, 'application/pdf')]);
  expect([status, json.content]).toEqual([200, expect.stringContaining(TRANSLATED)]);
  expect(json.content).toContain('A word-by-word translation');
  expect(json.attachments).toEqual([
    { type: 'file', name: 'translation.de.md', data: expect.any(String), content_type: 'text/markdown' },
  ]);
  expect(decoded(json.attachments[0])).toContain(TRANSLATED);
  const { json: listed } = await client.get(`${PATH}?session_id=${json.session_id}`);
  expect(listed.data[0].attachments).toEqual([
    { name: 'document.pdf', content_type: 'application/pdf', size: LETTER.length },
  ]);
});

test("the seeds' demo key has it translated, too", async () => {
  const demo = client.withKey(credentialsOf(system).agent_key);
  const { status, json } = await say('Translate this document', [file(LETTER, 'application/pdf')], {}, demo);
  expect([status, json.content, json.attachments]).toEqual([200, expect.stringContaining(TRANSLATED), []]);
});

test('a stream has the events of seed 002, and the file in its last', async () => {
  const answered = await say('Translate this document', [file(LETTER, 'application/pdf')], { stream: true });
  const events = eventsIn(answered);
  const names = [...new Set(events.map(({ event }) => event))];
  expect(names).toEqual([
    ...[
      'session.created',
      'message.started',
      'tool.started',
      'tool.completed',
      'text.chunk',
      'message.completed',
    ],
  ]);
  const text = events.map(({ delta = '' }) => delta).join('');
  expect(text).toContain(TRANSLATED);
  expect(events.at(-1)).toMatchObject({ attachments: [{ name: 'translation.de.md' }] });
});

test('a later message of the session knows the file, one of another session does not', async () => {
  const report = file('Linen sold well. The price of linen rose. It rained.', 'text/plain', 'report.txt');
  const { json: first } = await say('What is this?', [report]);
  expect(first.content).toContain('report.txt (text/plain, 52 bytes) has 10 words of text');
  const { session_id } = first;
  const { json } = await say('Summarise it', [], { session_id });
  expect(json.content).toMatch(/^Summary of report\.txt, in its own sentences:\n\nThe price of linen rose\./);
  expect(json.attachments).toMatchObject([{ name: 'summary.md', content_type: 'text/markdown' }]);
  const { json: other } = await say('Summarise it', []);
  expect([other.content, other.attachments]).toEqual([expect.stringMatching(/^You said/), []]);
});

test('an image reaches the model as an image', async () => {
  const { json } = await say('What is this?', [{ ...file('', 'image/png', 'a.png'), data: PNG }]);
  expect(json.content).toContain('a.png is a PNG image of 3 × 2 pixels.');
});

test('a retry under the same key is the same message with the same files', async () => {
  const headers = { 'idempotency-key': 'one-file' };
  const body = { content: 'Translate this', attachments: [file(LETTER, 'application/pdf')] };
  const send = (sent: object) => client.send(PATH, { method: 'POST', headers, body: sent });
  const first = await send(body);
  const again = await send(body);
  expect([again.text, again.headers['idempotent-replayed']]).toEqual([first.text, 'true']);
  const other = await send({ ...body, attachments: [file('Hello', 'text/plain')] });
  expect(refusal(other).slice(0, 2)).toEqual([422, 'idempotency_key_reused']);
});

test('files of 5 MiB, and of 7 MiB together, are taken', async () => {
  const large = file('a '.repeat(2.5 * MIB), 'text/plain', 'large.txt');
  const rest = file('b '.repeat(MIB), 'text/markdown', 'rest.md');
  const { status, json } = await say('What is this?', [large, rest]);
  expect([status, json.content]).toEqual([
    200,
    expect.stringContaining('large.txt (text/plain, 5242880 bytes)'),
  ]);
});

const pdf = file(LETTER, 'application/pdf');
const LOCK =
  '/Encrypt << /Filter /Standard /V 1 /R 2 /Length 40 /P -44 /O <00> /U <00> >> /ID [<00> <00>] /Root';
const locked = file(LETTER.toString('latin1').replace('/Root', LOCK), 'application/pdf');
test.each<[string, () => unknown[], string]>([
  [
    'a file of a byte too many',
    () => [file('a'.repeat(5 * MIB + 1), 'text/plain')],
    'attachments[0].data may have 5242880 bytes, and has 5242881',
  ],
  [
    'files that are too many bytes together',
    () => [file('a'.repeat(5 * MIB), 'text/plain'), file('b'.repeat(2 * MIB + 1), 'text/plain')],
    'attachments may have 7340032 bytes together, and have 7340033',
  ],
  ['too many files', () => Array(21).fill(pdf), 'attachments must have at most 20 items'],
  [
    'a type that is not taken',
    () => [file('GIF89a', 'image/gif')],
    'attachments[0].content_type must be one of',
  ],
  [
    'a PDF that claims to be text',
    () => [pdf, file(LETTER, 'text/plain')],
    'attachments[1].content_type is text/plain, but the file is application/pdf',
  ],
  ['a file without bytes', () => [file('', 'text/plain')], 'attachments[0].data has no bytes'],
  ['what is no base64', () => [{ ...pdf, data: '%PDF-1.4' }], 'attachments[0].data must be base64'],
  [
    'a name with a path',
    () => [{ ...pdf, name: '../etc/passwd' }],
    'attachments[0].name must be the plain name',
  ],
  [
    'a name with a control character',
    () => [{ ...pdf, name: 'a\u0007b' }],
    'attachments[0].name must not contain',
  ],
  ['a file without a name', () => [{ ...pdf, name: undefined }], 'attachments[0].name field is required'],
  [
    'a broken PDF',
    () => [file('%PDF-1.4\nnothing', 'application/pdf')],
    'attachments[0].data is a PDF that is broken',
  ],
  ['a locked PDF', () => [locked], 'attachments[0].data is a PDF that is'],
])('%s is refused with what was wrong', async (_, attachments, message) => {
  expect(refusal(await say('Translate this', attachments()))).toEqual([
    ...[400, 'invalid_request', expect.stringContaining(message)],
  ]);
});

test('messages whose process is killed are answered with what came of their files', async () => {
  const begun = Array.from({ length: 8 }, async (_, index) => {
    const session_id = `killed-${index}`;
    await say('Translate this document', [pdf], { session_id, stream: true }).catch(() => undefined);
    return session_id;
  });
  await eventually(END_MS_MAX, async () => {
    const { json } = await client.get(`${PATH}?session_id=killed-0`);
    expect(json.data).toHaveLength(1);
  });
  await killProcess(system, 'agents');
  const sessions = await Promise.all(begun);
  const sent = await eventually(END_MS_MAX, async () => {
    const lists = await Promise.all(sessions.map((id) => client.get(`${PATH}?session_id=${id}`)));
    const kept = lists.flatMap(({ json }) => json.data);
    expect(kept.every(({ status }) => status === 'success')).toBe(true);
    return kept;
  });
  expect(sent.length).toBeGreaterThan(0);
  for (const { id, content, attachments } of sent) {
    expect([content, attachments]).toEqual([expect.stringContaining(TRANSLATED), [expect.anything()]]);
    const events = eventsIn(await client.get(`${PATH}/${id}/events`));
    const [made] = (events.at(-1)?.['attachments'] ?? []) as { data: string }[];
    expect(made && decoded(made)).toContain(TRANSLATED);
    expect(events.filter(({ event }) => event === 'tool.completed')).toHaveLength(1);
  }
}, 60_000);
