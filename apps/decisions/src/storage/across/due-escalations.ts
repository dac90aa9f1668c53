import type { Queryable } from '@magistry/persistence';
import { escalationIdOf } from '../../domain/escalation.js';

export interface DueEscalation {
  readonly workspaceId: number;
  readonly slug: string;
  /** esc_ id. */
  readonly escalation: string;
}

const DUE_SQL = `SELECT e.workspace_id, h.tenant, d.id
  FROM escalation e JOIN decision_log d USING (workspace_id, decision_id) JOIN ledger_head h USING (workspace_id)
 WHERE e.status = 'pending' AND e.workspace_id % 4 = $1 AND e.expires_at <= $2 ORDER BY e.expires_at LIMIT $3`;

/** The timers of every workspace's escalations. */
export class DueEscalations {
  constructor(private readonly across: Queryable) {}

  /** A shard's unsettled escalations whose time is up, the oldest first. */
  async read(shard: number, isoSecond: string, limit: number): Promise<DueEscalation[]> {
    const rows = await this.across.query<{ workspace_id: number; tenant: string; id: string }>({
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
