import { deflateSync } from 'node:zlib';
import { pdfOf, pdfStream, textPdf } from '@magistry/testing';
import { PDF_LIMITS, PdfTexts } from './pdf-texts.js';

const MIB = 1024 * 1024;
const CATALOG = '<< /Type /Catalog /Pages 2 0 R >>';
const FONT = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>';
const PAGE = '<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>';
const onePage = (content: Buffer) =>
  pdfOf([CATALOG, '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', PAGE, content, FONT]);

const texts = new PdfTexts();
const hasty = new PdfTexts({ ...PDF_LIMITS, timeMs: 6_000, memoryBytes: 64 * MIB });

test('pages are read in order, the lines of each as they stand', async () => {
  const pdf = textPdf([['Dear reader,', 'this is (really) the first page.'], ['The second.']]);
  expect(await texts.read(pdf)).toMatchObject({
    text: 'Dear reader,\nthis is (really) the first page.\n\nThe second.',
    isWhole: true,
  });
});

test('a PDF without text has none', async () => {
  expect(await texts.read(textPdf([[]]))).toMatchObject({ text: '', isWhole: true });
});

test('a PDF with a broken table of its objects is read as viewers do', async () => {
  const pdf = textPdf([['Still here.']]);
  const astray = Buffer.from(pdf.toString('latin1').replace(/startxref\n\d+/, 'startxref\n7'), 'latin1');
  expect(await texts.read(astray)).toMatchObject({ text: 'Still here.' });
});

test('of a long PDF the beginning is read, and that it is one is known', async () => {
  const brief = new PdfTexts({ ...PDF_LIMITS, pagesMax: 2, charactersMax: 12 });
  const pages = [['One page.'], ['Two pages.'], ['Three.']];
  expect(await brief.read(textPdf(pages))).toMatchObject({ text: 'One page.\n\nT', isWhole: false });
  expect(await brief.read(textPdf(pages.slice(0, 1)))).toMatchObject({ text: 'One page.', isWhole: true });
});

const LOCK = `/Encrypt << /Filter /Standard /V 1 /R 2 /Length 40 /P -44
  /O <${'ab'.repeat(32)}> /U <${'cd'.repeat(32)}> >> /ID [<00> <00>] `;

test.each<[string, Buffer, string]>([
  ['that is protected', pdfOf([CATALOG, '<< /Type /Pages /Kids [] /Count 0 >>'], LOCK), 'by a password'],
  ['that ends after its head', Buffer.from('%PDF-1.7\n'), 'is broken'],
  ['of noise', Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(100_000, 0xa7)]), 'is broken'],
  ['whose pages contain themselves', pdfOf([CATALOG, '<< /Type /Pages /Kids [2 0 R] /Count 9 >>']), 'broken'],
  [
    'that claims a billion pages',
    pdfOf([CATALOG, '<< /Type /Pages /Kids [] /Count 1000000000 >>']),
    'broken',
  ],
])('a PDF %s is refused with the reason', async (_, pdf, reason) => {
  await expect(texts.read(pdf)).rejects.toThrow(reason);
});

test('a PDF that unpacks without end is given up, and the next one is read', async () => {
  const packed = deflateSync(Buffer.alloc(200 * MIB, ' '), { level: 1 });
  const bomb = onePage(pdfStream(packed, '/Filter /FlateDecode '));
  const [given, next] = await Promise.allSettled([hasty.read(bomb), hasty.read(textPdf([['Hello']]))]);
  expect(given).toMatchObject({ reason: { message: expect.stringMatching(/^takes (more than|too much)/) } });
  expect(next).toMatchObject({ value: { text: 'Hello' } });
});

test('arrays that nest without end are given up, or passed over', async () => {
  const nested = Buffer.from(`BT ${'['.repeat(2e6)} TJ ET`);
  const settled = await Promise.allSettled([hasty.read(onePage(pdfStream(nested)))]);
  expect(settled[0]).not.toMatchObject({ reason: { code: 'internal_error' } });
});

test('while a PDF is read, everything else goes on', async () => {
  let turns = 0;
  const counting = setInterval(() => (turns += 1), 10);
  await texts.read(
    textPdf(Array.from({ length: 150 }, () => Array.from({ length: 40 }, () => 'Some words here.'))),
  );
  clearInterval(counting);
  expect(turns).toBeGreaterThan(5);
});

test('more PDFs than may wait are turned away, and the others are read', async () => {
  const pdf = textPdf([['Hello']]);
  const settled = await Promise.allSettled(Array.from({ length: 12 }, () => texts.read(pdf)));
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  expect(settled.at(-1)).toMatchObject({ reason: { code: 'service_unavailable' } });
});
