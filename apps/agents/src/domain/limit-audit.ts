import type { CostLimit } from './cost-limits.js';

/** What the audit log says of a change of a limit. Null: there was none before, or is none any more. */
export function limitAudit(
  { workspaceId, id, principalId, period }: CostLimit,
  microsBefore: number | null,
  microsAfter: number | null,
) {
  return {
    action: microsAfter === null ? ('cost_limit.removed' as const) : ('cost_limit.set' as const),
    subject: principalId ?? `workspace:${workspaceId}`,
    details: { cost_limit: id, period, micros_before: microsBefore, micros_after: microsAfter },
  };
}
