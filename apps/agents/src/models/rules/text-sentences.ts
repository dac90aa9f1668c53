/** A sentence of a text, in its place. */
export interface Sentence {
  readonly text: string;
  readonly words: readonly string[];
}

const CHARACTERS_MAX = 200_000;
const SENTENCE_LENGTH_MAX = 500;

/** A paragraph's lines are one; a heading or a list's entry is a sentence of its own. */
const LINE_BREAK = /([^\n.!?:;])\n(?!\s*(?:[#>|*+-]|\d+[.)])\s)(?=\S)/g;
const MARKUP = /^\s*(?:#{1,6}|>|[*+-]|\d+[.)])\s+/;

/** Sentences with a word in them, in their order; of a very long text those of its beginning. */
export function sentencesIn(text: string): Sentence[] {
  const flowing = text.slice(0, CHARACTERS_MAX).replaceAll('\r\n', '\n').replace(LINE_BREAK, '$1 ');
  const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
  return flowing
    .split(/\n+/)
    .flatMap((line) => [...segmenter.segment(line.replace(MARKUP, ''))])
    .map(({ segment }) => shortened(segment.replace(/\s+/g, ' ').trim()))
    .map((sentence) => ({ text: sentence, words: wordsOf(sentence) }))
    .filter(({ words }) => words.length > 0);
}

export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/\p{L}[\p{L}\p{M}'’-]*/gu) ?? [];
}

function shortened(sentence: string): string {
  if (sentence.length <= SENTENCE_LENGTH_MAX) return sentence;
  return `${sentence.slice(0, SENTENCE_LENGTH_MAX).replace(/\s+\S*$/, '')} …`.toWellFormed();
}
