/** A passage by its name in the index, with how well it fits a question. */
export interface Candidate {
  readonly documentId: number;
  readonly place: number;
  /** By its words; 0 where it has none of them. */
  readonly wordRank: number;
  /** Cosine of its embedding with the question's; null where there is none. */
  readonly similarity: number | null;
}

export interface Ranked extends Candidate {
  readonly score: number;
}

/** What the fusion of Cormack et al. (SIGIR 2009) found best: the first places count, but no one list decides. */
const RANK_CONSTANT = 60;
/** Of each list so many have a say. */
const LIST_LENGTH_MAX = 50;
/** Sentences that have nothing to do with each other come to about 0.2. */
const SIMILARITY_MIN = 0.3;

/**
 * Reciprocal rank fusion of what fits by its words and what fits by its meaning, the best first: the mean over the
 * lists that a passage can be in. What is not embedded yet is not last by its meaning; how far it fits is unknown, and
 * its words alone say how good it is.
 */
export function fused(candidates: readonly Candidate[]): Ranked[] {
  const sums = new Map<Candidate, number>();
  for (const list of [byWords(candidates), byMeaning(candidates)]) {
    list.slice(0, LIST_LENGTH_MAX).forEach((candidate, index) => {
      sums.set(candidate, (sums.get(candidate) ?? 0) + 1 / (RANK_CONSTANT + index + 1));
    });
  }
  return [...sums]
    .map(([candidate, sum]) => ({ ...candidate, score: sum / (candidate.similarity === null ? 1 : 2) }))
    .sort((one, other) => other.score - one.score || inDocumentOrder(one, other));
}

export function byWords(candidates: readonly Candidate[]): Candidate[] {
  return candidates
    .filter(({ wordRank }) => wordRank > 0)
    .sort((one, other) => other.wordRank - one.wordRank || inDocumentOrder(one, other));
}

export function byMeaning(candidates: readonly Candidate[]): Candidate[] {
  const near = candidates.filter(({ similarity }) => similarity !== null && similarity >= SIMILARITY_MIN);
  return near.sort(
    (one, other) => (other.similarity ?? 0) - (one.similarity ?? 0) || inDocumentOrder(one, other),
  );
}

function inDocumentOrder(one: Candidate, other: Candidate): number {
  return one.documentId - other.documentId || one.place - other.place;
}
