const LINE_HEIGHT = 14;

/** A PDF of these objects, the first of which is its catalogue: for tests of what a file can be. */
export function pdfOf(objects: readonly (string | Buffer)[], trailer = ''): Buffer {
  const parts = [Buffer.from('%PDF-1.4\n')];
  const offsets: number[] = [];
  let length = parts[0]?.length ?? 0;
  const add = (part: string | Buffer) => {
    const bytes = Buffer.from(part as string);
    parts.push(bytes);
    length += bytes.length;
  };
  for (const [index, object] of objects.entries()) {
    offsets.push(length);
    for (const part of [`${index + 1} 0 obj\n`, object, '\nendobj\n']) add(part);
  }
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  const start = length;
  add(`xref\n0 ${size}\n0000000000 65535 f \n${table}`);
  add(`trailer\n<< /Size ${size} /Root 1 0 R ${trailer}>>\nstartxref\n${start}\n%%EOF\n`);
  return Buffer.concat(parts);
}

/** A stream object; `entries` go into its dictionary. */
export function pdfStream(bytes: Buffer, entries = ''): Buffer {
  const head = `<< /Length ${bytes.length} ${entries}>>\nstream\n`;
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from('\nendstream')]);
}

/** A document with these lines on each page, in Latin letters. */
export function textPdf(pages: readonly (readonly string[])[]): Buffer {
  const pageAt = (index: number) => 4 + index * 2;
  const kids = pages.map((_, index) => `${pageAt(index)} 0 R`).join(' ');
  return pdfOf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
    ...pages.flatMap((lines, index) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${pageAt(index) + 1} 0 R
        /Resources << /Font << /F1 3 0 R >> >> >>`,
      pdfStream(Buffer.from(contentOf(lines), 'latin1')),
    ]),
  ]);
}

function contentOf(lines: readonly string[]): string {
  const shown = lines.map((line) => `(${line.replace(/[\\()]/g, '\\$&')}) Tj T*`).join('\n');
  return `BT /F1 12 Tf 72 720 Td ${LINE_HEIGHT} TL\n${shown}\nET`;
}
