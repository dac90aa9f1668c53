import type { LedgerDatabase } from './ledger-database.js';

export interface AuditQuery {
  readonly workspaceId: number;
  /** Entries strictly behind this number in reading order; null from the beginning. */
  readonly behind: number | null;
  readonly order: 'asc' | 'desc';
  readonly limit: number;
  readonly action: string | undefined;
  readonly actor: string | undefined;
  /** As stored, inclusive; undefined for all. */
  readonly since: string | undefined;
}

export interface AuditEntry {
  readonly number: number;
  readonly id: string;
  readonly action: string;
  readonly actor: string;
  readonly subject: string;
  readonly details: Record<string, unknown>;
  readonly occurredAt: string;
  readonly requestId: string | null;
  readonly address: string | null;
}

interface EntryRow extends Omit<AuditEntry, 'number'> {
  readonly number: string;
}

/** The audit log of one workspace. */
export class AuditReader {
  constructor(private readonly database: LedgerDatabase) {}

  /** One more than the limit, where there are more. */
  async read({ workspaceId, behind, order, limit, ...filters }: AuditQuery): Promise<AuditEntry[]> {
    const comparison = order === 'asc' ? '>' : '<';
    const text = `
      SELECT number, id, action, actor, subject, details, occurred_at AS "occurredAt",
        request_id AS "requestId", address
      FROM audit_log
      WHERE workspace_id = $1 AND ($2::int8 IS NULL OR number ${comparison} $2)
        AND ($4::text IS NULL OR action = $4) AND ($5::text IS NULL OR actor = $5)
        AND ($6::text IS NULL OR occurred_at >= $6)
      ORDER BY number ${order} LIMIT $3`;
    const values = [workspaceId, behind, limit + 1, filters.action, filters.actor, filters.since];
    const rows = await this.database.query<EntryRow>(workspaceId, { text, values });
    return rows.map((row) => ({ ...row, number: Number(row.number) }));
  }
}
