import { createRequire } from 'node:module';

/** A piece is short because a tokenizer takes the square of the time for a run of letters without a break. */
const PIECE_CHARACTERS = 256;
/** Of a longer text so many pieces are counted, evenly spread: a few milliseconds, however long it is. */
const PIECES_MAX = 64;

/** Words such as <|endoftext|> are words here. */
const PLAIN = { disallowedSpecial: new Set<string>() };

type CountTokens = typeof import('gpt-tokenizer/encoding/cl100k_base').countTokens;

const load = createRequire(import.meta.url);
let counting: CountTokens | undefined;

/** Of a short text. The first count loads the encoding, 0.1 s and 30 MB that a process without work does not have. */
export function countTokens(...counted: Parameters<CountTokens>): number {
  counting ??= (load('gpt-tokenizer/encoding/cl100k_base') as { countTokens: CountTokens }).countTokens;
  return counting(...counted);
}

/**
 * How many tokens a text is, by a tokenizer (cl100k) that makes about as many as any other, or more; up to a few
 * in a hundred too many, because it is counted in pieces. A very long text is estimated from a part of it.
 */
export function tokensIn(text: string): number {
  const pieces = Math.ceil(text.length / PIECE_CHARACTERS);
  const counted = Math.min(pieces, PIECES_MAX);
  let tokens = 0;
  for (let index = 0; index < counted; index += 1) {
    const start = Math.floor((index * pieces) / counted) * PIECE_CHARACTERS;
    tokens += countTokens(text.slice(start, start + PIECE_CHARACTERS), PLAIN);
  }
  return counted === pieces ? tokens : Math.ceil((tokens * pieces) / counted);
}

/** The beginning and the end of a text that is too long, and between them how much was left out. */
export function shortened(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const half = Math.floor(charactersMax / 2);
  const left = text.length - 2 * half;
  const [head, tail] = [text.slice(0, half), text.slice(text.length - half)];
  return `${head} … (${left} characters are left out here) … ${tail}`.toWellFormed();
}
