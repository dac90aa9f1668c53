import type pg from 'pg';
import { leafOf } from '../domain/canonical.js';
import type { Decision } from '../domain/decision.js';
import { type EscalationStatus, escalationIdOf, type Settlement } from '../domain/escalation.js';
import { parseCanonical } from '../domain/parse-canonical.js';

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

export interface DueEscalation {
  readonly workspaceId: number;
  readonly slug: string;
  /** esc_ id. */
  readonly escalation: string;
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

const DUE_SQL = `SELECT e.workspace_id, h.tenant, d.id
  FROM escalation e JOIN decision_log d USING (workspace_id, decision_id) JOIN ledger_head h USING (workspace_id)
 WHERE e.status = 'pending' AND e.workspace_id % 4 = $1 AND e.expires_at <= $2 ORDER BY e.expires_at LIMIT $3`;

/** Escalations as the last commit left them. */
export class EscalationReader {
  constructor(private readonly pool: pg.Pool) {}

  /** One page and whether there is more; escalations expire in the order of their decisions. */
  async page(query: EscalationQuery): Promise<{ shown: StoredEscalation[]; hasMore: boolean }> {
    const { workspaceId, isoSecond, limit, behind, status, order } = query;
    const direction = order === 'asc' ? '>' : '<';
    // $2 is named in any case: Postgres wants a type for every parameter.
    const conditions = ['e.workspace_id = $1', '$2::text IS NOT NULL'];
    if (status !== undefined) conditions.push(STATUS_SQL[status]);
    if (behind !== null) conditions.push(`e.decision_id ${direction} $4`);
    const { rows } = await this.pool.query<Columns>(
      `${SELECT} WHERE ${conditions.join(' AND ')} ORDER BY e.decision_id ${order} LIMIT $3`,
      [workspaceId, isoSecond, limit + 1, ...(behind === null ? [] : [behind])],
    );
    return { shown: rows.slice(0, limit).map(readEscalation), hasMore: rows.length > limit };
  }

  /** By its decision's dec_ id; null when the workspace has no such escalation. */
  async escalation(workspaceId: number, id: string): Promise<StoredEscalation | null> {
    const { rows } = await this.pool.query<Columns>(`${SELECT} WHERE e.workspace_id = $1 AND d.id = $2`, [
      workspaceId,
      id,
    ]);
    return rows[0] ? readEscalation(rows[0]) : null;
  }

  /** The row that waits, or waited, for a person, with its leaf. */
  async escalatedRow(workspaceId: number, id: string): Promise<{ row: Decision; leaf: Buffer } | null> {
    const { rows } = await this.pool.query<{ canonical: string }>(
      `SELECT d.canonical FROM decision_log d JOIN escalation e USING (workspace_id, decision_id)
        WHERE d.workspace_id = $1 AND d.id = $2`,
      [workspaceId, id],
    );
    const canonical = rows[0]?.canonical;
    if (canonical === undefined) return null;
    return { row: parseCanonical(canonical), leaf: leafOf(canonical) };
  }

  /** Start of the chain at a row; null when there is none. */
  async chainStart(workspaceId: number, decisionId: number): Promise<Buffer | null> {
    const { rows } = await this.pool.query<{ chain_start: Buffer }>(
      `SELECT substring(chain FROM 1 FOR 8) AS chain_start FROM decision_log
        WHERE workspace_id = $1 AND decision_id = $2`,
      [workspaceId, decisionId],
    );
    return rows[0]?.chain_start ?? null;
  }

  /** A shard's unsettled escalations whose time is up, the oldest first. */
  async due(shard: number, isoSecond: string, limit: number): Promise<DueEscalation[]> {
    const { rows } = await this.pool.query<{ workspace_id: number; tenant: string; id: string }>({
      name: 'due-escalations',
      text: DUE_SQL,
      values: [shard, isoSecond, limit],
    });
    return rows.map(({ workspace_id, tenant, id }) => ({
      workspaceId: workspace_id,
      slug: tenant,
      escalation: escalationIdOf(id),
    }));
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
