import { shown, shownOrNull } from '../clock.js';
import type { RunRecord } from '../run.js';

const PATH = '/api/v1/runs';

export function artifactsOf(runId: string) {
  return { summary: `${PATH}/${runId}`, logs: `${PATH}/${runId}/logs` };
}

export function summaryOf({ status, createdAt, endedAt, input, outcome }: RunRecord) {
  return {
    status,
    started_at: shown(createdAt),
    ended_at: shownOrNull(endedAt),
    ...(input.requestId !== undefined && { request_id: input.requestId }),
    ...(input.metadata !== undefined && { metadata: input.metadata }),
    ...(outcome?.error && { error: outcome.error }),
  };
}
