import { agents } from '@magistry/contracts';
import { z } from 'zod';
import type { Step } from '../progress.js';

export const SEARCH_TOOL = 'search_documents';

const MARKER = /\[\d{1,10}\.\d{1,10}\]/g;

/** A passage as the model is given it; what a citation needs is here, and so in the run's log. */
export interface FoundPassage extends agents.Citation {
  readonly score: number;
}

/** What stands behind a sentence that the passage supports: the same in every search. */
export function markerOf({ documentId, place }: { documentId: number; place: number }): string {
  return `[${documentId}.${place}]`;
}

const passagesFound = z.object({ passages: z.array(agents.citation) });

/** Whether a text names any passage. */
export function namesPassages(text: string): boolean {
  return text.search(MARKER) >= 0;
}

/**
 * The passages that an answer names by their markers, in its order, out of those that its run has found, or that its
 * sub-agents have named to it.
 */
export function citationsOf(steps: readonly Step[], answer: string): agents.Citation[] {
  const sources = steps.flatMap((step) => [...passagesIn(step), ...(step.sources ?? [])]);
  const found = new Map(sources.map((passage) => [passage.marker, passage]));
  return [...new Set(answer.match(MARKER) ?? [])]
    .map((marker) => found.get(marker))
    .filter((passage) => passage !== undefined);
}

function passagesIn({ toolCalls, results }: Step): agents.Citation[] {
  return toolCalls
    .filter(({ tool }) => tool === SEARCH_TOOL)
    .flatMap(({ id }) => passagesFound.safeParse(results.get(id)?.output).data?.passages ?? []);
}
