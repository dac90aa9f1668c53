import { parentPort, workerData } from 'node:worker_threads';
import { getDocumentProxy } from 'unpdf';

/** What the thread is given. */
export interface PdfTask {
  readonly bytes: Uint8Array;
  readonly pagesMax: number;
  readonly charactersMax: number;
}

/** What it answers, once. */
export type PdfResult =
  | { readonly kind: 'text'; readonly text: string; readonly isWhole: boolean }
  | { readonly kind: 'locked' }
  | { readonly kind: 'broken' };

type Document = Awaited<ReturnType<typeof getDocumentProxy>>;

/** A file of its own, for it runs as a thread that is ended where a document takes too long or too much. */
async function read({ bytes, ...limits }: PdfTask): Promise<PdfResult> {
  try {
    const document = await getDocumentProxy(bytes, {
      verbosity: 0,
      useSystemFonts: false,
      stopAtErrors: false,
    });
    return await textOf(document, limits);
  } catch (error) {
    const isLocked = error instanceof Error && error.name === 'PasswordException';
    return { kind: isLocked ? 'locked' : 'broken' };
  }
}

/** The pages' texts, a blank line between them; a page that cannot be read is left out. */
async function textOf(document: Document, limits: Omit<PdfTask, 'bytes'>): Promise<PdfResult> {
  const pageCount = Math.min(document.numPages, limits.pagesMax);
  let text = '';
  let [pagesRead, isWhole] = [0, pageCount === document.numPages];
  for (let page = 1; page <= pageCount && text.length < limits.charactersMax; page += 1) {
    const pageText = await textOfPage(document, page, limits.charactersMax).catch(() => undefined);
    if (pageText === undefined) isWhole = false;
    else {
      pagesRead += 1;
      text += `${text === '' ? '' : '\n\n'}${pageText.trim()}`;
    }
  }
  if (pagesRead === 0) return { kind: 'broken' };
  isWhole &&= text.length < limits.charactersMax;
  return { kind: 'text', text: storable(text.slice(0, limits.charactersMax)).trim(), isWhole };
}

async function textOfPage(document: Document, page: number, charactersMax: number): Promise<string> {
  const reader = (await document.getPage(page)).streamTextContent().getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done || text.length >= charactersMax) return text;
    for (const item of value.items) if ('str' in item) text += item.str + (item.hasEOL ? '\n' : '');
  }
}

/** Postgres holds no NUL and no half of a surrogate pair, whatever a font says. */
function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

parentPort?.postMessage(await read(workerData as PdfTask));
