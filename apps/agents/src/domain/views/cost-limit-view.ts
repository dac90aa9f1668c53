import { shown } from '../clock.js';
import { type CostLimit, opensAt, usedAt } from '../cost-limits.js';

/** As the API shows it, as of a moment. */
export function renderCostLimit(limit: CostLimit, at: Date) {
  const { id, principalId, period, microsMax } = limit;
  const used = usedAt(limit, at);
  return {
    ...{ id, principal: principalId, period, micros: microsMax },
    used_micros: used,
    available_micros: Math.max(0, microsMax - used),
    reset_at: shown(opensAt(period, at)),
  };
}
