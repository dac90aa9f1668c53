import { FILE_BYTES_MAX, type FileType } from '@magistry/contracts';
import { textPdf } from '@magistry/testing';
import { FileReader } from './file-reader.js';
import { PdfTexts } from './pdf-texts.js';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==',
  'base64',
);
const JPEG = Buffer.from(
  'ffd8ffe000104a46494600010100000100010000ffc0000b080002000301011100ffda0008010100003f00ffd9',
  'hex',
);
const PDF = textPdf([['Hello world.']]);

const reader = new FileReader(new PdfTexts());
const file = (content_type: FileType, bytes: Buffer | string, name = 'a file') => ({
  ...{ type: 'file' as const, name, content_type },
  data: Buffer.from(bytes as string).toString('base64'),
});
const read = async (content_type: FileType, bytes: Buffer | string) =>
  (await reader.read([file(content_type, bytes)], 'attachments'))[0];

test.each<[FileType, Buffer | string, string | null]>([
  ['text/plain', 'Grüße\n', 'Grüße\n'],
  ['text/plain', '\uFEFFwith a byte order mark', 'with a byte order mark'],
  [
    'text/plain',
    'BMW and MZ begin like types of another kind',
    'BMW and MZ begin like types of another kind',
  ],
  ['text/markdown', '# Title', '# Title'],
  ['text/csv', 'sku,price\nlinen,12.00\n', 'sku,price\nlinen,12.00\n'],
  ['application/json', '{"a":[1]}', '{"a":[1]}'],
  ['application/pdf', PDF, 'Hello world.'],
  [
    'application/pdf',
    Buffer.concat([PDF, Buffer.from('PK\u0003\u0004an archive behind it')]),
    'Hello world.',
  ],
  ['image/png', PNG, null],
  ['image/jpeg', JPEG, null],
])('%s is taken with its text (%#)', async (type, bytes, text) => {
  expect(await read(type, bytes)).toMatchObject({ contentType: type, text, isWhole: true });
});

test.each<[string, FileType, Buffer | string, string]>([
  ['a PDF that claims to be text', 'text/plain', PDF, 'is text/plain, but the file is application/pdf'],
  ['a PNG that claims to be a JPEG', 'image/jpeg', PNG, 'is image/jpeg, but the file is image/png'],
  ['text that claims to be a PDF', 'application/pdf', 'Hello', 'but the file is of another type'],
  ['a page that claims to be a PNG', 'image/png', '<html></html>', 'but the file is of another type'],
  ['a PDF behind a page', 'application/pdf', Buffer.concat([Buffer.from('<html>'), PDF]), 'of another type'],
  ['a script in a GIF', 'image/png', 'GIF89a=1;alert(1)', 'but the file is of another type'],
  ['text in Latin-1', 'text/plain', Buffer.from('Gr\u00fc\u00dfe', 'latin1'), 'is not UTF-8 text'],
  ['text with NUL', 'text/csv', 'a\0b', 'is not UTF-8 text'],
  ['text in UTF-16', 'text/plain', Buffer.from('\uFEFFHello', 'utf16le'), 'is not UTF-8 text'],
  [
    'an archive that claims to be text',
    'text/plain',
    Buffer.from('504b0304ff00', 'hex'),
    'is not UTF-8 text',
  ],
  ['half a JSON document', 'application/json', '{"a":', 'the file is not JSON'],
  ['the head of a PNG alone', 'image/png', PNG.subarray(0, 20), 'the file is broken'],
])('%s is refused with what it is', async (_, type, bytes, message) => {
  await expect(read(type, bytes)).rejects.toMatchObject({
    code: 'validation_failed',
    errors: [{ path: 'attachments[0].content_type', message: expect.stringContaining(message) }],
  });
});

test.each(['aGk', 'aGk=\n', 'aG k=', 'a-_=', 'aGl=', '%%%%', 'data:text/plain;base64,aGk='])(
  'the base64 %j is refused',
  async (data) => {
    const asked = reader.read([{ ...file('text/plain', ''), data }], 'attachments');
    await expect(asked).rejects.toMatchObject({ errors: [{ path: 'attachments[0].data', code: 'base64' }] });
  },
);

test('a file without bytes is refused', async () => {
  await expect(read('text/plain', '')).rejects.toMatchObject({
    errors: [{ path: 'attachments[0].data', message: 'has no bytes' }],
  });
});

test('JSON that nests 200,000 levels deep is taken as text, or refused, in a moment', async () => {
  const taken = await read('application/json', `${'['.repeat(2e5)}${']'.repeat(2e5)}`).catch(
    ({ code }) => code,
  );
  expect(taken === 'validation_failed' || taken?.text?.length === 4e5).toBe(true);
});

test('a file of 5 MiB is taken, and one of a byte more is not', async () => {
  expect((await read('text/plain', 'a'.repeat(FILE_BYTES_MAX)))?.bytes.length).toBe(FILE_BYTES_MAX);
  await expect(read('text/plain', 'a'.repeat(FILE_BYTES_MAX + 1))).rejects.toMatchObject({
    errors: [{ path: 'attachments[0].data', message: 'may have 5242880 bytes, and has 5242881' }],
  });
});

test('files of 7 MiB together are taken, and of a byte more are not', async () => {
  const large = file('text/plain', 'a'.repeat(FILE_BYTES_MAX));
  const rest = (bytes: number) => file('text/markdown', 'b'.repeat(bytes));
  const MIB = 1024 * 1024;
  expect(await reader.read([large, rest(2 * MIB)], 'attachments')).toHaveLength(2);
  await expect(reader.read([large, rest(2 * MIB + 1)], 'attachments')).rejects.toMatchObject({
    errors: [{ path: 'attachments', message: 'may have 7340032 bytes together, and have 7340033' }],
  });
});

test('every file that cannot be taken is named', async () => {
  const files = [file('image/png', PNG), file('image/png', PDF), file('application/json', 'no')];
  await expect(reader.read(files, 'files')).rejects.toMatchObject({
    errors: [{ path: 'files[1].content_type' }, { path: 'files[2].content_type' }],
  });
});
