import type pg from 'pg';
import { DEFAULT_KILL_SWITCH, type KillSwitch } from '../domain/ledger-state.js';

export interface HeadSummary {
  readonly killSwitch: KillSwitch;
  readonly policyVersion: number;
  readonly policyJson: string;
}

export interface ActorHistory {
  readonly applied: number;
  readonly rejected: number;
  readonly escalated: number;
  readonly reversed: number;
}

const HISTORY_SQL = `
SELECT count(*) FILTER (WHERE d.status = 'APPLIED')::int4 AS applied,
       count(*) FILTER (WHERE d.status = 'REJECTED')::int4 AS rejected,
       count(*) FILTER (WHERE d.status = 'ESCALATED')::int4 AS escalated,
       count(r.decision_id)::int4 AS reversed
  FROM decision_log d
  LEFT JOIN decision_log r ON r.workspace_id = d.workspace_id AND r.reverses = d.decision_id AND r.recorded_at < $4
 WHERE d.workspace_id = $1 AND d.agent = $2 AND d.kind = 'PROPOSAL' AND d.recorded_at >= $3 AND d.recorded_at < $4`;

/** What is known of a workspace's ledger as a whole. */
export class HeadReader {
  constructor(private readonly pool: pg.Pool) {}

  /** The defaults hold while the workspace has no row yet. */
  async head(workspaceId: number): Promise<HeadSummary> {
    const { rows } = await this.pool.query('SELECT * FROM ledger_head WHERE workspace_id = $1', [
      workspaceId,
    ]);
    const [head] = rows;
    if (!head) return { killSwitch: DEFAULT_KILL_SWITCH, policyVersion: 0, policyJson: '' };
    return {
      killSwitch: {
        engaged: head.kill_switch_engaged,
        reason: head.kill_switch_reason,
        decisionId: head.kill_switch_decision_id === null ? null : Number(head.kill_switch_decision_id),
        changedAt: head.kill_switch_changed_at,
        changedBy: head.kill_switch_changed_by,
      },
      policyVersion: head.policy_version,
      policyJson: head.policy,
    };
  }

  /** How an actor's proposals of a period fared; bounds as stored, until exclusive. */
  async actorHistory(
    workspaceId: number,
    actor: string,
    since: string,
    until: string,
  ): Promise<ActorHistory> {
    const { rows } = await this.pool.query<ActorHistory>(HISTORY_SQL, [workspaceId, actor, since, until]);
    const [history] = rows;
    if (!history) throw new Error('the history query gave no row');
    return history;
  }
}
