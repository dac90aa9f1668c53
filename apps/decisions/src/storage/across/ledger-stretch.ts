import { type LedgerFault, LedgerVerifier, type VerifiedUpTo } from '../../domain/verify-ledger.js';
import type { LedgerDatabase } from '../ledger-database.js';
import { StoredLedger } from '../stored-ledger.js';

/** Small, so that hashing it holds up a writer in the same process for some 20 ms at most. */
const STRETCH_ROWS = 250;

export interface VerifiedStretch {
  readonly verified: VerifiedUpTo;
  readonly headDecisionId: number;
  readonly fault: LedgerFault | null;
  readonly isComplete: boolean;
  /** 0 after the last. */
  readonly nextWorkspaceId: number;
}

/** Verifies a ledger a stretch at a time, each in a snapshot of its own: rows that are there never change. */
export class LedgerStretches {
  constructor(private readonly database: LedgerDatabase) {}

  async firstWorkspace(): Promise<number> {
    return this.inSnapshot((ledger) => ledger.workspaceAfter(-1));
  }

  async verify(workspaceId: number, from: VerifiedUpTo | undefined): Promise<VerifiedStretch> {
    return this.inSnapshot(async (ledger) => {
      const verifier = new LedgerVerifier(workspaceId, from);
      const rows = await ledger.page(workspaceId, from?.decisionId ?? 0, STRETCH_ROWS);
      const head = await ledger.head(workspaceId);
      const nextWorkspaceId = await ledger.workspaceAfter(workspaceId);
      let fault: LedgerFault | null = null;
      for (const row of rows) fault ??= verifier.next(row);
      const isEnd = rows.length < STRETCH_ROWS;
      if (isEnd) fault ??= verifier.finish(head);
      const headDecisionId = head?.decisionId ?? 0;
      const isComplete = isEnd || fault !== null;
      return { verified: verifier.verified, headDecisionId, fault, isComplete, nextWorkspaceId };
    });
  }

  private inSnapshot<Result>(read: (ledger: StoredLedger) => Promise<Result>): Promise<Result> {
    return this.database.transactionAcross(async (transaction) => {
      await transaction.query({ text: 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY' });
      return read(new StoredLedger(transaction));
    });
  }
}
