/** A direction in the model's space, of a signed byte an axis: what it loses changes no rank worth speaking of. */
export type Embedding = Int8Array;

const BYTE_MAX = 127;

export function quantized(direction: ArrayLike<number>): Embedding {
  let most = 0;
  for (let axis = 0; axis < direction.length; axis += 1)
    most = Math.max(most, Math.abs(direction[axis] ?? 0));
  const scale = most === 0 ? 0 : BYTE_MAX / most;
  return Int8Array.from(direction, (value) => Math.round(value * scale));
}

/** Cosine of the angle between two embeddings: 1 for the same direction. */
export function similarity(one: Embedding, other: Embedding): number {
  let [product, ownLength, otherLength] = [0, 0, 0];
  for (let axis = 0; axis < one.length; axis += 1) {
    const [own, others] = [one[axis] ?? 0, other[axis] ?? 0];
    product += own * others;
    ownLength += own * own;
    otherLength += others * others;
  }
  return ownLength === 0 || otherLength === 0 ? 0 : product / Math.sqrt(ownLength * otherLength);
}
