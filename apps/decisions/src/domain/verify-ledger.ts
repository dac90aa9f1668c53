import { canonicalJson, genesisOf, leafOf, linkOf } from './canonical.js';
import type { Decision } from './decision.js';

/** A row as it stands in the table: its visible columns, and what was hashed when it was written. */
export interface StoredDecision {
  readonly row: Decision;
  readonly canonical: string;
  readonly chain: Buffer;
}

/** The first thing that is wrong with a workspace's ledger. */
export interface LedgerFault {
  readonly workspaceId: number;
  readonly decisionId: number;
  /** Column that differs from what was hashed, or `(row)` where a whole row is missing or out of place. */
  readonly column: string;
  readonly explanation: string;
}

/** A row that was verified, and the chain up to it. */
export interface VerifiedUpTo {
  readonly decisionId: number;
  readonly chain: Buffer;
}

/**
 * Recomputes one workspace's chain from the visible columns, row after row. Give every row in order, then ask
 * `finish` whether the tail is there. Goes on behind a row that was verified before, else begins.
 */
export class LedgerVerifier {
  private decisionId: number;
  private chain: Buffer;

  constructor(
    private readonly workspaceId: number,
    from?: VerifiedUpTo,
  ) {
    this.decisionId = from?.decisionId ?? 0;
    this.chain = from?.chain ?? genesisOf(workspaceId);
  }

  get verified(): VerifiedUpTo {
    return { decisionId: this.decisionId, chain: this.chain };
  }

  /** The fault that this row shows, if any. */
  next({ row, canonical, chain }: StoredDecision): LedgerFault | null {
    const expected = this.decisionId + 1;
    if (row.decisionId !== expected) return this.fault(expected, '(row)', 'the row is missing');
    const recomputed = canonicalJson(row);
    if (recomputed !== canonical) {
      return this.fault(
        expected,
        firstDifference(recomputed, canonical),
        'the column is not what was hashed',
      );
    }
    const link = linkOf(this.chain, expected, leafOf(canonical));
    if (!link.equals(chain))
      return this.fault(expected, 'chain', 'the row is not the one that was chained here');
    this.decisionId = expected;
    this.chain = link;
    return null;
  }

  /** Compares the end with the head, which tells of rows cut off the tail. */
  finish(head: { decisionId: number; chain: Buffer } | null): LedgerFault | null {
    const end = head?.decisionId ?? 0;
    if (end > this.decisionId)
      return this.fault(this.decisionId + 1, '(row)', `rows up to ${end} are missing`);
    if (end < this.decisionId) return this.fault(end + 1, '(row)', 'the head does not know this row');
    if (head && !head.chain.equals(this.chain)) return this.fault(end, 'chain', 'the head has another chain');
    return null;
  }

  private fault(decisionId: number, column: string, explanation: string): LedgerFault {
    return { workspaceId: this.workspaceId, decisionId, column, explanation };
  }
}

function firstDifference(recomputed: string, canonical: string): string {
  const visible = JSON.parse(recomputed) as Record<string, unknown>;
  const hashed = parseObject(canonical);
  const members = [...new Set([...Object.keys(visible), ...Object.keys(hashed)])].sort();
  return (
    members.find((name) => JSON.stringify(visible[name]) !== JSON.stringify(hashed[name])) ?? 'canonical'
  );
}

function parseObject(json: string): Record<string, unknown> {
  try {
    return JSON.parse(json) as Record<string, unknown>;
  } catch {
    return {};
  }
}
