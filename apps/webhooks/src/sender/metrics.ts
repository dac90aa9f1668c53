import { counter, DURATION_BUCKETS, gauge, histogram } from '@magistry/telemetry';

export const attempts = counter({
  name: 'magistry_webhook_attempts_total',
  help: 'Attempts to deliver, by outcome: success, the class of another status, or what failed.',
  labels: ['outcome'],
});

export const attemptDuration = histogram({
  name: 'magistry_webhook_attempt_duration_seconds',
  help: "Time from the start of an attempt to the end of its answer's body, cut or failed ones too.",
  buckets: [...DURATION_BUCKETS, 15],
});

export const firstAttemptDelay = histogram({
  name: 'magistry_webhook_first_attempt_delay_seconds',
  help: 'Time from when a delivery was queued to the start of its first attempt.',
  buckets: [...DURATION_BUCKETS, 15, 60],
});

export const inFlight = gauge({
  name: 'magistry_webhook_attempts_in_flight',
  help: 'Attempts of this process that are not answered yet.',
});

export const dueEndpoints = gauge({
  name: 'magistry_webhook_due_endpoints',
  help: 'Endpoints that may be sent to and have a delivery due, at the last look.',
});

export const openDeliveries = gauge({
  name: 'magistry_webhook_open_deliveries',
  help: 'Deliveries that have not ended, by status.',
  labels: ['status'],
});

export const endpointsByBreaker = gauge({
  name: 'magistry_webhook_breaker_endpoints',
  help: 'Endpoints by the state of their breaker.',
  labels: ['state'],
});

export const fencedResults = counter({
  name: 'magistry_webhook_fenced_results_total',
  help: 'Results that changed nothing, for their lease had run out or their delivery had been ended meanwhile.',
});
