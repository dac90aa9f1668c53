/** A run of letters and digits in a folded text; white space, not just punctuation, may stand before it. */
interface Token {
  readonly letters: string;
  readonly isSpaced: boolean;
}

/** A protected mark, ready to be looked for. */
interface Mark {
  /** As its owner writes it. */
  readonly name: string;
  /** Folded, letters and digits only: "cocacola". */
  readonly letters: string;
  /** Offsets in `letters` at which the mark is divided, so that a text may have white space there. */
  readonly divisions: readonly number[];
}

/** Marks in the order of their letters, so that those with one beginning stand together. */
export type MarkIndex = readonly Mark[];

// No mark is longer, so no more tokens can make one.
const TOKENS_MAX = 100;

const TOKEN = /[\p{L}\p{N}]+/gu;
const UNSEEN = /[\p{M}\p{Cf}]/gu;

// NFKD folds what NFKC folds and sets diacritics apart; upper before lower case folds ß, ſ and ı too.
function fold(text: string): string {
  return text.normalize('NFKD').replace(UNSEEN, '').toUpperCase().toLowerCase();
}

function tokensOf(text: string): Token[] {
  const folded = fold(text);
  let end = 0;
  return Array.from(folded.matchAll(TOKEN), (match) => {
    const isSpaced = /\s/u.test(folded.slice(end, match.index));
    end = match.index + match[0].length;
    return { letters: match[0], isSpaced };
  });
}

export function indexMarks(names: readonly string[]): MarkIndex {
  return names
    .map(markOf)
    .filter((mark) => mark.letters !== '')
    .sort((one, other) => Number(one.letters > other.letters) - Number(one.letters < other.letters));
}

function markOf(name: string): Mark {
  const divisions: number[] = [];
  let letters = '';
  for (const token of tokensOf(name)) {
    divisions.push(letters.length);
    letters += token.letters;
  }
  return { name, letters, divisions };
}

/**
 * The name of the first mark that stands in the text as whole words, whatever its case, diacritics and width,
 * and whatever punctuation divides its letters ("N.I.K.E", "coca-cola").
 */
export function findMark(text: string, indexes: readonly MarkIndex[]): string | undefined {
  const tokens = tokensOf(text);
  for (let start = 0; start < tokens.length; start += 1) {
    for (const marks of indexes) {
      const mark = markAt(tokens, start, marks);
      if (mark) return mark.name;
    }
  }
  return undefined;
}

function markAt(tokens: readonly Token[], start: number, marks: MarkIndex): Mark | undefined {
  const spacedAt: number[] = [];
  let letters = '';
  for (const token of tokens.slice(start, start + TOKENS_MAX)) {
    if (token.isSpaced && letters !== '') spacedAt.push(letters.length);
    letters += token.letters;
    const first = firstNotBefore(marks, letters);
    for (let place = first; marks[place]?.letters === letters; place += 1) {
      const divisions = marks[place]?.divisions ?? [];
      if (spacedAt.every((space) => divisions.includes(space))) return marks[place];
    }
    if (!marks[first]?.letters.startsWith(letters)) return undefined;
  }
  return undefined;
}

function firstNotBefore(marks: MarkIndex, letters: string): number {
  let [low, high] = [0, marks.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((marks[middle]?.letters ?? '') < letters) low = middle + 1;
    else high = middle;
  }
  return low;
}
