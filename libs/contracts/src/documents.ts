import { z } from 'zod';

// NUL and lone surrogates cannot be stored by Postgres; line breaks belong to what people and models write.
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is the one that Postgres refuses
const UNSTORABLE = /\p{Cs}|\u0000/u;
const DEPTH_MAX = 32;

/** Text of several lines. */
export function prose(lengthMax: number) {
  return z
    .string()
    .min(1)
    .max(lengthMax)
    .refine((value) => !UNSTORABLE.test(value), 'must be valid Unicode without NUL');
}

/** Whether free-form JSON can be stored: of bounded size and depth, its texts valid Unicode without NUL. */
export function storableDocument(bytesMax: number): (value: unknown) => boolean {
  return (value) => isStorable(value, DEPTH_MAX) && Buffer.byteLength(JSON.stringify(value)) <= bytesMax;
}

function isStorable(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return !UNSTORABLE.test(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  return Object.entries(value).every(
    ([name, member]) => name !== '__proto__' && !UNSTORABLE.test(name) && isStorable(member, depth - 1),
  );
}
