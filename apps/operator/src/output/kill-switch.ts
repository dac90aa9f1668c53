import type { Report } from '../session.js';
import { properties } from './table.js';

/** The switch as the public API shows it. */
interface KillSwitch {
  readonly engaged: boolean;
  readonly reason: string | null;
  readonly decision_id: number | null;
  readonly changed_at: string | null;
  readonly changed_by: string | null;
}

export function killSwitchReport(slug: string, answer: unknown): Report {
  const { engaged, reason, decision_id, changed_at, changed_by } = answer as KillSwitch;
  const text = properties({
    Workspace: slug,
    'Kill switch': engaged ? 'engaged: live proposals are rejected' : 'released: live proposals are decided',
    Since: changed_at,
    By: changed_by,
    Reason: reason,
    Decision: decision_id === null ? null : String(decision_id),
  });
  return { json: answer, text };
}
