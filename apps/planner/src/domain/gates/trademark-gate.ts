import type { Proposal } from '../proposal.js';
import { findMark, indexMarks, type MarkIndex } from './marks.js';
import { failed, type GateVerdict, passed } from './verdict.js';
import { WELL_KNOWN_MARKS } from './well-known-marks.js';

const wellKnown = indexMarks(WELL_KNOWN_MARKS);

/** Keeps other houses' marks out of the subject's name and of every text that customers will read. */
export function trademarkGate(proposal: Proposal, protectedMarks: MarkIndex): GateVerdict {
  const texts = [proposal.subject, ...proposal.publicTexts];
  for (const text of texts) {
    const mark = findMark(text, [protectedMarks, wellKnown]);
    if (mark) {
      return failed(
        'trademark',
        'trademark_protected',
        `"${mark}" is a protected mark; propose again without it.`,
      );
    }
  }
  return passed('trademark');
}
