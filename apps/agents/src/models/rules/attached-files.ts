import { imageSize } from 'image-size';
import { z } from 'zod';
import { type FileHead, splitFiles } from '../../domain/attached-file.js';
import { ATTACH_FILE } from '../../domain/made-files.js';
import { type ChatMessage, type ChatTool, imageUrlsOf, type Reply, textOf } from './chat-wire.js';
import type { Language } from './dictionary.js';
import { objectIn } from './facts.js';
import { summaryOf } from './summarize.js';
import { wordsOf } from './text-sentences.js';
import { languageOf, type Translation, translate } from './translate.js';

/** What was attached to a request. */
export interface Attached {
  /** The request without them. */
  readonly request: string;
  readonly files: readonly ShownFile[];
  readonly images: readonly string[];
}

type ShownFile = FileHead & { readonly text: string };

const SUMMARIZE = /\bsummar|\btl;?dr\b|\bgist\b|zusammenfass|\bfasse?\b.*\bzusammen\b/i;
const TRANSLATE = /\btranslat|übersetz/i;
const INTO_GERMAN = /\b(?:in)?to german\b|\bin german\b|\b(?:ins|auf) deutsche?\b/i;
const INTO_ENGLISH = /\b(?:in)?to english\b|\bin english\b|\b(?:ins|auf) englische?\b/i;
const INTO_OTHER = /\b(?:in)?to (?!the\b|an?\b|my\b|our\b)([A-Z]\p{L}+)/u;
const NAMES: Readonly<Record<Language, string>> = { en: 'English', de: 'German' };
const UNKNOWN_TOLD_MAX = 20;
/** An answer has 2,048 tokens of about four characters, and German is longer than English. */
const CHARACTERS_MAX = 5_500;

export function attachedTo(message: ChatMessage | undefined): Attached {
  if (!message) return { request: '', files: [], images: [] };
  const text = textOf(message);
  return { ...(taskIn(text) ?? splitFiles(text)), images: imageUrlsOf(message) };
}

/** A run's payload that names a task and the text for it. */
function taskIn(json: string): Omit<Attached, 'images'> | undefined {
  const { data } = taskPayload.safeParse(objectIn(json));
  if (!data) return undefined;
  const { task, to, text } = data;
  const file = { name: 'text', content_type: 'text/plain', size: Buffer.byteLength(text), text };
  return { request: to === undefined ? task : `${task} into ${to}`, files: [file] };
}

const taskPayload = z.object({ task: z.string(), text: z.string(), to: z.string().optional() });

/** What is done to attached files by name: summarised or translated. Undefined where nothing of that is asked. */
export function workOnFiles(
  { request, files }: Attached,
  { tools, since }: { tools: readonly ChatTool[]; since: readonly ChatMessage[] },
): Reply | undefined {
  const file = files.find(({ text }) => text.trim() !== '') ?? files[0];
  const work = TRANSLATE.test(request) ? translated : SUMMARIZE.test(request) ? summarized : undefined;
  if (!file || !work) return undefined;
  if (file.text.trim() === '')
    return say(`${file.name} has no text that I could read. ${file.note ?? ''}`.trim());
  const done = work(request, file);
  const mayAttach = done.file && tools.some(({ name }) => name === ATTACH_FILE);
  const hasAttached = since.some(({ tool_calls = [] }) =>
    tool_calls.some((call) => call.function.name === ATTACH_FILE),
  );
  if (!mayAttach || hasAttached) return say(done.text);
  return {
    reasoning: `${file.name} has a text.`,
    text: '',
    calls: [{ name: ATTACH_FILE, input: { ...done.file } }],
  };
}

/** What files are, for requests that no other rule understands. */
export function describeFiles({ files, images }: Attached): Reply | undefined {
  const now = files.filter((file) => !file.is_earlier);
  if (now.length === 0) return undefined;
  const pictures = images.map(pictureOf);
  const told = now.map((file) =>
    file.content_type.startsWith('image/')
      ? `${file.name} is ${pictures.shift() ?? 'an image'}`
      : documentOf(file),
  );
  const isImageAlone = now.every(({ content_type }) => content_type.startsWith('image/'));
  const more = isImageAlone
    ? 'I answer by rules and cannot see what it shows.'
    : 'Ask me to summarise or to translate it.';
  return say(`${told.join('. ')}. ${more}`);
}

interface Done {
  readonly text: string;
  readonly file?: { readonly name: string; readonly text: string; readonly content_type: 'text/markdown' };
}

function summarized(_: string, { name, text, note }: ShownFile): Done {
  const sentences = summaryOf(text);
  if (sentences.length === 0) return { text: `${name} has no sentence that could be summarised.` };
  const heading = `Summary of ${name}`;
  const told = `${heading}, in its own sentences:\n\n${sentences.join(' ')}${note ? `\n\n(${note})` : ''}`;
  const list = sentences.map((sentence) => `- ${sentence}`).join('\n');
  return {
    text: told,
    file: { name: 'summary.md', text: `# ${heading}\n\n${list}\n`, content_type: 'text/markdown' },
  };
}

function translated(request: string, { name, text, note }: ShownFile): Done {
  const other = INTO_OTHER.exec(request)?.[1];
  const to = INTO_GERMAN.test(request) ? 'de' : INTO_ENGLISH.test(request) ? 'en' : undefined;
  if (to === undefined && other !== undefined)
    return {
      text: `I answer by rules, which translate between English and German alone, not into ${other}.`,
    };
  const source = text.slice(0, CHARACTERS_MAX);
  const translation = translate(source, to ?? (languageOf(source) === 'de' ? 'en' : 'de'));
  const cut = source.length < text.length ? `The first ${source.length} characters.` : undefined;
  const about = [caveatOf(translation), cut, note].filter((part) => part !== undefined).join(' ');
  const told = `${translation.text.trim()}\n\n(${about})`;
  const heading = `# ${name}, from ${NAMES[translation.from]} into ${NAMES[translation.to]}`;
  const file = `translation.${translation.to}.md`;
  return { text: told, file: { name: file, text: `${heading}\n\n${told}\n`, content_type: 'text/markdown' } };
}

function caveatOf({ words, unknown, from, to }: Translation): string {
  const head = `A word-by-word translation by a small dictionary, from ${NAMES[from]} into ${NAMES[to]}.`;
  if (unknown.length === 0) return `${head} All ${words} words were known.`;
  const told = unknown.slice(0, UNKNOWN_TOLD_MAX).join(', ');
  const more = unknown.length > UNKNOWN_TOLD_MAX ? ` and ${unknown.length - UNKNOWN_TOLD_MAX} more` : '';
  return `${head} These words are not in it, and stand as they were: ${told}${more}.`;
}

function documentOf({ name, content_type, size, text, note }: ShownFile): string {
  const words = wordsOf(text).length;
  const told = words > 0 ? `${words} ${words === 1 ? 'word' : 'words'} of text` : 'no text that I could read';
  return `${name} (${content_type}, ${size} bytes) has ${told}${note ? ` (${note})` : ''}`;
}

/** What a rule can tell of an image: what it is, and its size. */
function pictureOf(url: string): string {
  const [, type = 'image', data = ''] = /^data:image\/([a-z]+);base64,(.*)$/s.exec(url) ?? [];
  try {
    const { width, height } = imageSize(Buffer.from(data, 'base64'));
    return `a ${type.toUpperCase()} image of ${width} × ${height} pixels`;
  } catch {
    return 'an image that cannot be read';
  }
}

function say(text: string): Reply {
  return { reasoning: 'The files tell.', text, calls: [] };
}
