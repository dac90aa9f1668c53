import { DICTIONARY, GENDERS, type Gender, type Language, PLURALS } from './dictionary.js';
import { wordsOf } from './text-sentences.js';

/** A text put into the other language word by word, and what of it nobody could. */
export interface Translation {
  readonly text: string;
  readonly from: Language;
  readonly to: Language;
  readonly words: number;
  /** Each once, as it stood; they stand in the translation as they are. */
  readonly unknown: readonly string[];
}

const PHRASE_WORDS_MAX = 5;
const PARTS = /[\p{L}\p{M}'’]+|[^\p{L}\p{M}'’]+/gu;
const LETTER = /\p{L}/u;
/** A sentence begins behind these. */
const SENTENCE_END = /[.!?:]\s|\n/;

const DEFINITE: Readonly<Record<Gender, string>> = { m: 'der', f: 'die', n: 'das' };
const INDEFINITE: Readonly<Record<Gender, string>> = { m: 'ein', f: 'eine', n: 'ein' };
const GERMAN_ARTICLES: Readonly<Record<string, string>> = {
  ...{ der: 'the', die: 'the', das: 'the', den: 'the', dem: 'the', des: 'the' },
  ...{ ein: 'a', eine: 'a', einen: 'a', einem: 'a', einer: 'a', eines: 'a' },
  ...{ im: 'in the', am: 'at the', zum: 'to the', zur: 'to the', vom: 'from the' },
};
const ADJECTIVE_ENDING = /^(.{3,})(?:e|en|em|er|es)$/;

/** German, if more of its little words are German than English. */
export function languageOf(text: string): Language {
  const words = wordsOf(text.slice(0, 20_000));
  const known = (language: Language) =>
    words.filter((word) => DICTIONARY[language].has(word) || (language === 'de' && word in GERMAN_ARTICLES))
      .length + (language === 'en' ? words.filter((word) => word === 'the' || word === 'a').length : 0);
  return known('de') > known('en') ? 'de' : 'en';
}

/** Phrases first, the longest that fit; then words. Layout, numbers and punctuation stay. */
export function translate(text: string, to: Language): Translation {
  const from: Language = to === 'de' ? 'en' : 'de';
  const parts = text.match(PARTS) ?? [];
  const unknown = new Map<string, string>();
  let [translated, words] = ['', 0];
  for (let at = 0; at < parts.length; ) {
    const part = parts[at] ?? '';
    if (!LETTER.test(part)) {
      translated += part;
      at += 1;
      continue;
    }
    const found = phraseAt(parts, at, from);
    const count = found?.parts ?? 1;
    const startsSentence = at < 2 || SENTENCE_END.test(parts[at - 1] ?? '');
    if (found === undefined) unknown.set(part.toLowerCase(), part);
    translated += found === undefined ? part : asWritten(found.text, part, startsSentence);
    words += Math.ceil(count / 2);
    at += count;
  }
  return { text: translated, from, to, words, unknown: [...unknown.values()] };
}

interface Found {
  readonly text: string;
  /** How many parts of the text it stands for. */
  readonly parts: number;
}

function phraseAt(parts: readonly string[], at: number, from: Language): Found | undefined {
  for (let words = PHRASE_WORDS_MAX; words > 0; words -= 1) {
    const count = words * 2 - 1;
    const taken = parts.slice(at, at + count);
    const isPhrase = taken.length === count && taken.every((part, index) => index % 2 === 0 || part === ' ');
    const text = isPhrase ? wordOf(taken.join('').toLowerCase(), from) : undefined;
    if (text !== undefined) return { text, parts: count };
  }
  const article = articleAt(parts, at, from);
  return article === undefined ? undefined : { text: article, parts: 1 };
}

function wordOf(word: string, from: Language): string | undefined {
  const dictionary = DICTIONARY[from];
  const known = dictionary.get(word);
  if (known !== undefined || from === 'en') return known;
  const stem = ADJECTIVE_ENDING.exec(word)?.[1];
  return stem === undefined ? undefined : dictionary.get(stem);
}

/** A German article has the gender of its noun, which is one of the next words. */
function articleAt(parts: readonly string[], at: number, from: Language): string | undefined {
  const word = (parts[at] ?? '').toLowerCase();
  if (from === 'de') return GERMAN_ARTICLES[word];
  const forms = word === 'the' ? DEFINITE : word === 'a' || word === 'an' ? INDEFINITE : undefined;
  if (!forms) return undefined;
  for (let next = at + 2; next <= at + 6; next += 2) {
    const noun = DICTIONARY.en.get((parts[next] ?? '').toLowerCase());
    if (noun === undefined) continue;
    if (PLURALS.has(noun) && !GENDERS.has(noun)) return forms.f;
    const gender = GENDERS.get(noun);
    if (gender) return forms[gender];
  }
  return forms.f;
}

/** As its own language writes it; with a capital where a sentence begins, or where all of it had them. */
function asWritten(text: string, source: string, startsSentence: boolean): string {
  if (source.length > 1 && source === source.toUpperCase()) return text.toUpperCase();
  const hasCapital = source[0] !== source[0]?.toLowerCase();
  return startsSentence && hasCapital ? `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}` : text;
}
