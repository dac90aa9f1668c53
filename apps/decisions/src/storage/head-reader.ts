import { DEFAULT_KILL_SWITCH, type KillSwitch } from '../domain/ledger-state.js';
import type { LedgerDatabase } from './ledger-database.js';

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

interface HeadRow {
  readonly kill_switch_engaged: boolean;
  readonly kill_switch_reason: string | null;
  readonly kill_switch_decision_id: string | null;
  readonly kill_switch_changed_at: string | null;
  readonly kill_switch_changed_by: string | null;
  readonly policy_version: number;
  readonly policy: string;
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
  constructor(private readonly database: LedgerDatabase) {}

  /** The defaults hold while the workspace has no row yet. */
  async head(workspaceId: number): Promise<HeadSummary> {
    const [head] = await this.database.query<HeadRow>(workspaceId, {
      name: 'head',
      text: 'SELECT * FROM ledger_head WHERE workspace_id = $1',
      values: [workspaceId],
    });
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
    const [history] = await this.database.query<ActorHistory>(workspaceId, {
      text: HISTORY_SQL,
      values: [workspaceId, actor, since, until],
    });
    if (!history) throw new Error('the history query gave no row');
    return history;
  }
}
