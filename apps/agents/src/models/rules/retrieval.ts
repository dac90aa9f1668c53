import type { ChatTool, Reply } from './chat-wire.js';

export const SEARCH_TOOL = 'search_documents';

const QUERY_LENGTH_MAX = 1_000;
/** Of the passages that a search gave, so many are read for sentences in the question's words. */
const PASSAGES_READ = 3;
/** What the search found best is so many words ahead. */
const FIRST_PASSAGE_WORDS = 2;
const SENTENCES_MAX = 2;

const SENTENCES = new Intl.Segmenter('en', { granularity: 'sentence' });

interface Passage {
  readonly marker: string;
  readonly passage: string;
}

interface Sentence {
  readonly text: string;
  readonly marker: string;
  readonly worth: number;
}

/** The call that looks the question up in the agent's documents, where it has some. */
export function lookUp(question: string, tools: readonly ChatTool[]): Reply['calls'][number] | undefined {
  const query = wordsOf(question).trim().slice(0, QUERY_LENGTH_MAX).toWellFormed();
  if (query === '' || !tools.some(({ name }) => name === SEARCH_TOOL)) return undefined;
  return { name: SEARCH_TOOL, input: { query } };
}

/** What a search gave, in the documents' own words with their markers; undefined where nobody searched. */
export function quote(question: string, given: readonly string[]): string | undefined {
  const searches = given.map(passagesIn).filter((passages) => passages !== undefined);
  if (searches.length === 0) return undefined;
  const asked = stemsIn(wordsOf(question));
  const sentences = searches.flatMap((passages) =>
    passages.slice(0, PASSAGES_READ).flatMap((passage, place) => sentencesIn(passage, place, asked)),
  );
  if (sentences.length === 0) return 'My documents say nothing about that.';
  const most = Math.max(...sentences.map(({ worth }) => worth));
  const best = sentences.filter(({ worth }) => worth === most).slice(0, SENTENCES_MAX);
  return best.map(({ text, marker }) => `${text} ${marker}`).join(' ');
}

/** A run's payload is JSON: what it says is in its texts. */
function wordsOf(question: string): string {
  try {
    const value: unknown = JSON.parse(question);
    if (typeof value !== 'object' || value === null) return question;
    return Object.values(value)
      .filter((member) => typeof member === 'string')
      .join(' ');
  } catch {
    return question;
  }
}

function passagesIn(json: string): Passage[] | undefined {
  try {
    const { passages } = JSON.parse(json) as { passages?: Passage[] };
    return Array.isArray(passages) ? passages : undefined;
  } catch {
    return undefined;
  }
}

function sentencesIn({ passage, marker }: Passage, place: number, asked: ReadonlySet<string>): Sentence[] {
  return [...SENTENCES.segment(passage)].map(({ segment }) => {
    const shared = [...stemsIn(segment)].filter((stem) => asked.has(stem)).length;
    const text = segment.trim();
    return { text, marker, worth: shared + (place === 0 ? FIRST_PASSAGE_WORDS : 0) };
  });
}

const ENDINGS = /(?:ings?|ed|es|s|e|ly)$/;

/** Roughly what words have in common with their other forms; short ones seldom tell anything. */
function stemsIn(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]{4,}|\p{N}+/gu) ?? [];
  return new Set(words.map((word) => word.replace(ENDINGS, '')));
}
