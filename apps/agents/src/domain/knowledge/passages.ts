import { countTokens } from '../tokens.js';

/** A piece of a document that is found, and cited, as a whole. */
export interface Passage {
  /** The headings above it, from the outermost inwards; empty where there are none. */
  readonly heading: string;
  readonly content: string;
}

/** The embedding model reads no further than about 128 tokens; a passage is what it can read whole. */
const TOKENS_MAX = 100;
/** A sentence so short is said again at the head of the next passage, which may go on from it. */
const OVERLAP_TOKENS_MAX = 30;
/** From here a passage ends with its paragraph instead of going on into the next one. */
const FULL_ENOUGH_TOKENS = 50;
/** No script has words as long; what comes so long is cut, so that nothing is slow to count. */
const WORD_LENGTH_MAX = 80;
/** Of a text without line breaks so much is cut into sentences at once. */
const STRETCH_LENGTH_MAX = 4_000;
const HEADING_LENGTH_MAX = 200;

const HEADING = /^(#{1,6})\s+(\S.*?)\s*#*$/;
const SENTENCES = new Intl.Segmenter('en', { granularity: 'sentence' });
const WORDS = new RegExp(`\\S{1,${WORD_LENGTH_MAX}}\\s*`, 'gu');
const LONG_WORD = new RegExp(`\\S{${WORD_LENGTH_MAX + 1}}`, 'u');

interface Piece {
  readonly text: string;
  readonly tokens: number;
}

/**
 * Cuts a text or Markdown document into passages: at headings always, at paragraphs where that leaves no crumbs, in
 * between at sentences, and within a sentence only where it is too long by itself. One by one, so that a caller can
 * do something else in between.
 */
export function* passagesOf(document: string): Generator<Passage> {
  for (const { heading, paragraphs } of sectionsOf(document)) {
    let pieces: Piece[] = [];
    for (const paragraph of paragraphs) {
      for (const piece of piecesOf(paragraph)) {
        if (tokensIn(pieces) + piece.tokens > TOKENS_MAX && pieces.length > 0) {
          yield { heading, content: joined(pieces) };
          pieces = overlapOf(pieces, piece);
        }
        pieces.push(piece);
      }
      if (tokensIn(pieces) < FULL_ENOUGH_TOKENS) continue;
      yield { heading, content: joined(pieces) };
      pieces = [];
    }
    if (pieces.length > 0) yield { heading, content: joined(pieces) };
  }
}

interface Section {
  readonly heading: string;
  readonly paragraphs: readonly string[];
}

function* sectionsOf(document: string): Generator<Section> {
  const headings: { level: number; title: string }[] = [];
  let lines: string[] = [];
  const section = (): Section => ({
    heading: headings
      .map(({ title }) => title)
      .join(' › ')
      .slice(0, HEADING_LENGTH_MAX)
      .toWellFormed(),
    paragraphs: paragraphsOf(lines.join('\n')),
  });
  for (const line of document.split(/\r\n?|\n/)) {
    const [, marks, title] = line.length > HEADING_LENGTH_MAX ? [] : (HEADING.exec(line) ?? []);
    if (marks === undefined || title === undefined) {
      lines.push(line);
      continue;
    }
    yield section();
    lines = [];
    while ((headings.at(-1)?.level ?? 0) >= marks.length) headings.pop();
    headings.push({ level: marks.length, title });
  }
  yield section();
}

function paragraphsOf(text: string): string[] {
  return text
    .split(/\n[^\S\n]*\n/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '');
}

/** Sentences of at most a passage's length; with the white space behind them. */
function* piecesOf(paragraph: string): Generator<Piece> {
  for (const stretch of stretchesOf(`${paragraph}\n`)) {
    for (const { segment } of SENTENCES.segment(stretch)) yield* boundedPieces(segment);
  }
}

function* boundedPieces(sentence: string): Generator<Piece> {
  const whole = LONG_WORD.test(sentence) ? TOKENS_MAX + 1 : tokensOf(sentence);
  if (whole <= TOKENS_MAX) {
    yield { text: sentence, tokens: whole };
    return;
  }
  let text = '';
  let tokens = 0;
  for (const [word] of sentence.matchAll(WORDS)) {
    const wordTokens = tokensOf(word);
    if (tokens + wordTokens > TOKENS_MAX && text !== '') {
      yield { text, tokens };
      [text, tokens] = ['', 0];
    }
    text += word;
    tokens += wordTokens;
  }
  if (text !== '') yield { text, tokens };
}

function* stretchesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length; ) {
    const stretch = text.slice(from, from + STRETCH_LENGTH_MAX);
    const end = from + stretch.length < text.length ? lastBreakIn(stretch) : stretch.length;
    yield stretch.slice(0, end);
    from += end;
  }
}

/** Behind a word where there is one, and never between the halves of a character. */
function lastBreakIn(stretch: string): number {
  const space = stretch.search(/\s\S*$/);
  if (space > 0) return space + 1;
  return stretch.isWellFormed() ? stretch.length : stretch.length - 1;
}

function overlapOf(pieces: readonly Piece[], next: Piece): Piece[] {
  const last = pieces.at(-1);
  const fits = last && last.tokens <= OVERLAP_TOKENS_MAX && last.tokens + next.tokens <= TOKENS_MAX;
  return fits ? [last] : [];
}

/** Whatever stands in it is text, the names of special tokens, too. */
function tokensOf(text: string): number {
  return countTokens(text, { disallowedSpecial: new Set() });
}

function tokensIn(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { tokens }) => sum + tokens, 0);
}

function joined(pieces: readonly Piece[]): string {
  return pieces
    .map(({ text }) => text)
    .join('')
    .trim();
}
