import { shown } from './clock.js';

export type DeliveryStatus = 'pending' | 'success' | 'failed' | 'retrying';

/** One event on its way to one endpoint. */
export interface Delivery {
  /** A bigint, as text. */
  readonly id: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly status: DeliveryStatus;
  readonly reason: string | null;
  /** Attempts made. */
  readonly attempt: number;
  /** `Infinity` while it is held. */
  readonly nextAttemptAt: Date | number;
  readonly responseCode: number | null;
  readonly error: string | null;
  readonly createdAt: Date;
  readonly deliveredAt: Date | null;
}

export interface Attempt {
  readonly number: number;
  readonly cause: string;
  readonly url: string;
  readonly succeeded: boolean;
  readonly statusCode: number | null;
  readonly error: string | null;
  readonly responseHeaders: Record<string, unknown> | null;
  readonly responseBody: Buffer | null;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly phasesMs: Record<string, number> | null;
}

/** As seed 003 shows it: times only where they mean something. Of one that waits, `attempt` is the coming one. */
export function renderDelivery(delivery: Delivery) {
  const { status, nextAttemptAt, deliveredAt, error, reason } = delivery;
  const waits = status === 'retrying' && nextAttemptAt instanceof Date;
  return {
    id: Number(delivery.id),
    event_id: delivery.eventId,
    event_type: delivery.eventType,
    status,
    response_code: delivery.responseCode,
    attempt: shownAttempt(delivery),
    ...(deliveredAt && { delivered_at: shown(deliveredAt) }),
    ...(waits && { next_retry_at: shown(nextAttemptAt) }),
    ...(error !== null && status !== 'success' && { error }),
    ...(reason !== null && { reason }),
    created_at: shown(delivery.createdAt),
  };
}

export function shownAttempt({ status, attempt }: Pick<Delivery, 'status' | 'attempt'>): number {
  return status === 'pending' ? attempt + 1 : attempt;
}

export function renderAttempt(attempt: Attempt) {
  return {
    number: attempt.number,
    cause: attempt.cause,
    url: attempt.url,
    succeeded: attempt.succeeded,
    status_code: attempt.statusCode,
    error: attempt.error,
    response_headers: attempt.responseHeaders,
    response_body: attempt.responseBody?.toString('utf8') ?? null,
    started_at: shown(attempt.startedAt),
    duration_ms: attempt.durationMs,
    phases_ms: attempt.phasesMs,
  };
}
