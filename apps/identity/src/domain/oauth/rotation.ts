/** A lost answer is given again for this long, and this often (design: gateway.md section 8, rule 6). */
const GRACE_MS = 10_000;
const REPLAYS_MAX = 3;

/** A family as the rotation finds it, locked. */
export interface Family {
  readonly clientId: string;
  readonly generation: number;
  readonly revokedAt: Date | null;
  /** When the idle or the absolute life of its refresh token ends, whichever comes first. */
  readonly refreshExpiresAt: Date;
  readonly rotatedAt: Date | null;
  readonly replays: number;
  /** The DPoP key that a public client's tokens are bound to. */
  readonly boundJkt: string | null;
  /** The DPoP key that the latest answer was given to. */
  readonly successorJkt: string | null;
}

/** A refresh token of this family, whose seal has held. */
export interface Presented {
  readonly clientId: string;
  readonly generation: number;
  /** Whether its hash is the one that is kept; an older generation's is not. */
  readonly isCurrent: boolean;
  /** Of the proof that came with it. */
  readonly jkt: string | null;
}

/**
 * `rotate`: the next generation. `replay`: the answer that was lost, again. `refuse`: no more than a refusal.
 * `reuse`: somebody else has it too, and the family ends.
 */
export type Rotation = 'rotate' | 'replay' | 'refuse' | 'reuse';

export function decideRotation(family: Family, presented: Presented, now: Date): Rotation {
  if (family.revokedAt !== null || now >= family.refreshExpiresAt) return 'refuse';
  if (presented.clientId !== family.clientId) return 'reuse';
  if (presented.isCurrent) return isOtherKey(family.boundJkt, presented.jkt) ? 'reuse' : 'rotate';
  if (!isWithinGrace(family, presented, now)) return 'reuse';
  if (isOtherKey(family.successorJkt, presented.jkt)) return 'reuse';
  return family.successorJkt === presented.jkt && family.replays < REPLAYS_MAX ? 'replay' : 'refuse';
}

function isWithinGrace({ generation, rotatedAt }: Family, presented: Presented, now: Date): boolean {
  const isPredecessor = presented.generation === generation - 1;
  return isPredecessor && rotatedAt !== null && now.getTime() < rotatedAt.getTime() + GRACE_MS;
}

/** A proof by another key is a thief's; none at all is a mistake. */
function isOtherKey(bound: string | null, jkt: string | null): boolean {
  return bound !== null && jkt !== null && bound !== jkt;
}
