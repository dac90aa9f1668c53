const WORD = /[\p{L}\p{N}]+(?:[-'’.][\p{L}\p{N}]+)*/gu;
const WORDS_MAX = 64;

/**
 * A question as `websearch_to_tsquery` reads it: any of its words will do, for nobody writes an answer in the words
 * of the question alone. How many of them a passage has is a matter of its rank.
 */
export function queryOf(question: string): string {
  const words = (question.match(WORD) ?? [])
    .map((word) => word.toLowerCase())
    .filter((word) => word !== 'or');
  return [...new Set(words)].slice(0, WORDS_MAX).join(' or ');
}
