import { isKilled } from './approve-escalation.js';
import type { Decision } from './decision.js';
import type { EscalationStatus, Settlement } from './escalation.js';
import type { LedgerFault } from './verify-ledger.js';

/** An escalation as its table has it. */
export interface StoredSettlement extends Settlement {
  readonly decisionId: number;
}

/** Recomputes from the log what became of each escalation. Give every row in order, then the table's. */
export class EscalationVerifier {
  private readonly expected = new Map<number, Omit<Settlement, 'expiresAt'>>();

  constructor(private readonly workspaceId: number) {}

  next(row: Decision): void {
    if (row.status === 'ESCALATED') {
      this.expected.set(row.decisionId, { status: 'pending', resultDecisionId: null });
    } else if (row.approves !== null) {
      this.expected.set(row.approves, { status: statusAfter(row), resultDecisionId: row.decisionId });
    }
  }

  /** The first escalation that the table tells otherwise, lacks, or has invented. */
  finish(stored: readonly StoredSettlement[]): LedgerFault | null {
    const unseen = new Map(this.expected);
    for (const { decisionId, status, resultDecisionId } of stored) {
      const expected = unseen.get(decisionId);
      unseen.delete(decisionId);
      if (!expected) return this.fault(decisionId, '(row)', 'the log knows no such escalation');
      if (expected.status !== status) {
        return this.fault(decisionId, 'status', `the log says ${expected.status}, the escalation ${status}`);
      }
      if (expected.resultDecisionId !== resultDecisionId) {
        const column = 'result_decision_id';
        return this.fault(decisionId, column, `the log says ${expected.resultDecisionId}`);
      }
    }
    const [missing] = unseen.keys();
    return missing === undefined ? null : this.fault(missing, '(row)', 'the escalation is missing');
  }

  private fault(decisionId: number, column: string, explanation: string): LedgerFault {
    return { workspaceId: this.workspaceId, decisionId, column: `escalation.${column}`, explanation };
  }
}

function statusAfter({ status, gates }: Decision): EscalationStatus {
  if (status === 'APPLIED') return 'approved';
  if (status === 'EXPIRED') return 'expired';
  return isKilled(gates) ? 'pending' : 'rejected';
}
