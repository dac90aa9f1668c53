import { leafOf } from '../domain/canonical.js';
import type { Decision } from '../domain/decision.js';
import type { EscalationStatus, Settlement } from '../domain/escalation.js';
import { parseCanonical } from '../domain/parse-canonical.js';
import type { LedgerDatabase } from './ledger-database.js';

export interface EscalationQuery {
  readonly workspaceId: number;
  /** Escalations strictly behind this decision in reading order; null from the beginning. */
  readonly behind: number | null;
  readonly order: 'asc' | 'desc';
  readonly limit: number;
  readonly status: EscalationStatus | undefined;
  /** Decides which pending ones have expired. */
  readonly isoSecond: string;
}

export interface StoredEscalation {
  readonly row: Pick<Decision, 'id' | 'decisionId'>;
  readonly settlement: Settlement;
  readonly chainStart: Buffer;
}

interface Columns {
  readonly id: string;
  readonly decision_id: string;
  readonly status: EscalationStatus;
  readonly expires_at: string;
  readonly result_decision_id: string | null;
  readonly chain_start: Buffer;
}

const SELECT = `SELECT d.id, e.decision_id, e.status, e.expires_at, e.result_decision_id,
    substring(d.chain FROM 1 FOR 8) AS chain_start
  FROM escalation e JOIN decision_log d USING (workspace_id, decision_id)`;

/** Each status as the table knows it: time is up before its row is written. $2 is the present instant. */
const STATUS_SQL: Record<EscalationStatus, string> = {
  pending: `e.status = 'pending' AND e.expires_at > $2`,
  approved: `e.status = 'approved'`,
  rejected: `e.status = 'rejected'`,
  expired: `(e.status = 'expired' OR (e.status = 'pending' AND e.expires_at <= $2))`,
};

/** Escalations as the last commit left them. */
export class EscalationReader {
  constructor(private readonly database: LedgerDatabase) {}

  /** One page and whether there is more; escalations expire in the order of their decisions. */
  async page(query: EscalationQuery): Promise<{ shown: StoredEscalation[]; hasMore: boolean }> {
    const { workspaceId, isoSecond, limit, behind, status, order } = query;
    const direction = order === 'asc' ? '>' : '<';
    // $2 is named in any case: Postgres wants a type for every parameter.
    const conditions = ['e.workspace_id = $1', '$2::text IS NOT NULL'];
    if (status !== undefined) conditions.push(STATUS_SQL[status]);
    if (behind !== null) conditions.push(`e.decision_id ${direction} $4`);
    const rows = await this.database.query<Columns>(workspaceId, {
      text: `${SELECT} WHERE ${conditions.join(' AND ')} ORDER BY e.decision_id ${order} LIMIT $3`,
      values: [workspaceId, isoSecond, limit + 1, ...(behind === null ? [] : [behind])],
    });
    return { shown: rows.slice(0, limit).map(readEscalation), hasMore: rows.length > limit };
  }

  /** By its decision's dec_ id; null when the workspace has no such escalation. */
  async escalation(workspaceId: number, id: string): Promise<StoredEscalation | null> {
    const [row] = await this.database.query<Columns>(workspaceId, {
      text: `${SELECT} WHERE e.workspace_id = $1 AND d.id = $2`,
      values: [workspaceId, id],
    });
    return row ? readEscalation(row) : null;
  }

  /** The row that waits, or waited, for a person, with its leaf. */
  async escalatedRow(workspaceId: number, id: string): Promise<{ row: Decision; leaf: Buffer } | null> {
    const [found] = await this.database.query<{ canonical: string }>(workspaceId, {
      text: `SELECT d.canonical FROM decision_log d JOIN escalation e USING (workspace_id, decision_id)
        WHERE d.workspace_id = $1 AND d.id = $2`,
      values: [workspaceId, id],
    });
    return found ? { row: parseCanonical(found.canonical), leaf: leafOf(found.canonical) } : null;
  }

  /** Start of the chain at a row; null when there is none. */
  async chainStart(workspaceId: number, decisionId: number): Promise<Buffer | null> {
    const [row] = await this.database.query<{ chain_start: Buffer }>(workspaceId, {
      text: `SELECT substring(chain FROM 1 FOR 8) AS chain_start FROM decision_log
        WHERE workspace_id = $1 AND decision_id = $2`,
      values: [workspaceId, decisionId],
    });
    return row?.chain_start ?? null;
  }
}

function readEscalation(row: Columns): StoredEscalation {
  return {
    row: { id: row.id, decisionId: Number(row.decision_id) },
    settlement: {
      status: row.status,
      expiresAt: row.expires_at,
      resultDecisionId: row.result_decision_id === null ? null : Number(row.result_decision_id),
    },
    chainStart: row.chain_start,
  };
}
