import { type Sentence, sentencesIn } from './text-sentences.js';

const KEPT_SHARE = 1 / 4;
const KEPT_MIN = 1;
const KEPT_MAX = 6;
/** A sentence of fewer words is a heading, or says little by itself. */
const WORDS_MIN = 4;
/** What comes first is usually what a text is about. */
const FIRST_BONUS = 1.3;

const LITTLE_WORDS = new Set(
  (
    'a about after all also am an and any are as at be been before but by can could did do does for from had has ' +
    'have he her his how i if in into is it its may more most no not of on one only or other our out over she so ' +
    'some such than that the their them then there these they this those to under up was we were what when which ' +
    'who will with would you your aber alle als also am an auch auf aus bei bin bis da das dass dein dem den der ' +
    'des die dies diese dieser dieses doch du durch ein eine einem einen einer eines er es für hat haben hatte ich ' +
    'ihr ihre im in ins ist ja kann kein keine mehr mein mit nach nicht noch nur oder ohne sehr sein seine sich sie ' +
    'sind so über um und uns unser unter vom von vor war waren was wenn wer wie wird wir wurde zu zum zur'
  ).split(' '),
);

/**
 * The sentences that say most of what the text speaks of, in their own order and words (extractive, after Luhn 1958:
 * a sentence is worth what its frequent words are, by its length). Empty where the text has no sentence.
 */
export function summaryOf(text: string): string[] {
  const sentences = sentencesIn(text);
  const worth = frequencies(sentences);
  const ranked = sentences
    .map((sentence, place) => ({ sentence, place, score: scoreOf(sentence, place, worth) }))
    .sort((one, other) => other.score - one.score || one.place - other.place);
  const kept = Math.min(KEPT_MAX, Math.max(KEPT_MIN, Math.ceil(sentences.length * KEPT_SHARE)));
  return distinct(ranked)
    .slice(0, kept)
    .sort((one, other) => one.place - other.place)
    .map(({ sentence }) => sentence.text);
}

/** A word that comes twice is spoken of; one that comes once is said. */
function frequencies(sentences: readonly Sentence[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of sentences.flatMap(({ words }) => words)) {
    if (!LITTLE_WORDS.has(word) && word.length > 2) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

function scoreOf({ words }: Sentence, place: number, worth: ReadonlyMap<string, number>): number {
  const sum = words.reduce((total, word) => total + (worth.get(word) ?? 0), 0);
  const byLength = sum / Math.sqrt(Math.max(words.length, WORDS_MIN));
  const byKind = words.length < WORDS_MIN ? byLength / 4 : byLength;
  return place === 0 ? byKind * FIRST_BONUS : byKind;
}

function distinct<Row extends { readonly sentence: Sentence }>(rows: readonly Row[]): Row[] {
  const seen = new Set<string>();
  return rows.filter(({ sentence: { text } }) => !seen.has(text) && seen.add(text));
}
