import { ProblemError } from '@magistry/errors';
import { shown, shownOrNull } from './clock.js';
import type { DeliveryStatus } from './delivery.js';

export type JobStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** Which events of the past to send again. */
export interface ReplayRequest {
  /** Names and wildcards; null for what the endpoint subscribes to. */
  readonly types: readonly string[] | null;
  /** Of the deliveries to the endpoint; null also for events that it never got. */
  readonly statuses: readonly DeliveryStatus[] | null;
  /** Inclusive; null from the oldest that is kept. */
  readonly since: string | null;
  /** Exclusive. */
  readonly until: string;
  readonly ratePerS: number;
}

export interface Job {
  /** `job_…` */
  readonly id: string;
  readonly workspaceId: number;
  readonly tenant: string;
  readonly type: 'webhook_replay';
  readonly endpointId: number;
  readonly status: JobStatus;
  readonly request: ReplayRequest;
  /** Bigints come as texts. */
  readonly total: string | null;
  readonly done: string;
  readonly queued: string;
  readonly error: string | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

/** As `/v1/jobs` shows it. */
export function renderJob(job: Job) {
  const { types, statuses, since, until, ratePerS } = job.request;
  return {
    id: job.id,
    type: job.type,
    status: job.status,
    request: { endpoint_id: job.endpointId, types, statuses, since, until, rate_per_s: ratePerS },
    progress: progressOf(job),
    error: job.error,
    created_at: shown(job.createdAt),
    started_at: shownOrNull(job.startedAt),
    finished_at: shownOrNull(job.finishedAt),
  };
}

/** `data` of `job.completed`. */
export function completedData(job: Job) {
  const { id, type, status, error, tenant } = job;
  const severity = status === 'failed' ? 'warning' : 'info';
  return { id, type, status, progress: progressOf(job), error, tenant, severity };
}

export function jobNotFound(): ProblemError {
  return new ProblemError('not_found', 'There is no such job in this workspace.');
}

function progressOf({ total, done, queued }: Job) {
  return { total: total === null ? null : Number(total), done: Number(done), queued: Number(queued) };
}
