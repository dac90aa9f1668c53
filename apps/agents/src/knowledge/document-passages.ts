import { setImmediate as turnOfOthers } from 'node:timers/promises';
import { ProblemError } from '@magistry/errors';
import { type Passage, passagesOf } from '../domain/knowledge/passages.js';

/** Passages of an agent: a search reads and ranks all of them. */
export const PASSAGES_MAX = 5_000;
/** Cutting so many takes a few milliseconds. */
const CUT_AT_ONCE = 25;

/** A document's passages; what else the process does goes on meanwhile. Refuses what has none, or too many. */
export async function cutDocument(content: string): Promise<Passage[]> {
  const passages: Passage[] = [];
  for (const passage of passagesOf(content)) {
    if (passages.push(passage) > PASSAGES_MAX) throw tooManyPassages(0);
    if (passages.length % CUT_AT_ONCE === 0) await turnOfOthers();
  }
  if (passages.length > 0) return passages;
  throw new ProblemError('validation_failed', 'The document has no text to answer from.', {
    errors: [{ path: 'content', code: 'empty', message: 'must have a paragraph of text' }],
  });
}

/** `kept`: how many the agent has already. */
export function tooManyPassages(kept: number): ProblemError {
  const rest = kept === 0 ? 'Give it less.' : `It has ${kept}: delete documents, or give it less.`;
  const message = `An agent's documents come to at most ${PASSAGES_MAX} passages of about 100 tokens. ${rest}`;
  return new ProblemError('conflict', message);
}
