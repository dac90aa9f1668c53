import type { KillSwitch } from './ledger-state.js';

/** The switch as GET and PUT /v1/killswitch show it. */
export function renderKillSwitch(killSwitch: KillSwitch): string {
  return JSON.stringify({
    engaged: killSwitch.engaged,
    reason: killSwitch.reason,
    decision_id: killSwitch.decisionId,
    changed_at: killSwitch.changedAt,
    changed_by: killSwitch.changedBy,
  });
}

/** The policy as PUT /v1/planner/policy answers it. */
export function renderPolicy(version: number, policyJson: string): string {
  return `{"version":${version},"policy":${policyJson}}`;
}
