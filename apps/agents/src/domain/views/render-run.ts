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

/** What a run took, in milliseconds, tokens and millionths of a US dollar. */
interface Taken {
  readonly micros: number;
  readonly treeMicros: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly modelCalls: number;
}

export function metricsOf({ createdAt }: Pick<RunRecord, 'createdAt'>, taken: Taken, until: Date) {
  return {
    latency_ms: until.getTime() - createdAt.getTime(),
    model_calls: taken.modelCalls,
    prompt_tokens: taken.promptTokens,
    completion_tokens: taken.completionTokens,
    cost_micros: taken.micros,
    tree_cost_micros: taken.treeMicros,
  };
}
