import { shown, shownOrNull } from './clock.js';

/** Why an endpoint gets nothing: a PATCH said so, it answered 410, or days of attempts have failed. */
export type DisabledReason = 'manual' | 'gone' | 'failing';

/** A receiver of a workspace's events, with what its attempts have come to. */
export interface Endpoint {
  readonly id: number;
  readonly workspaceId: number;
  /** Null: nothing is pushed, the receiver polls. */
  readonly url: string | null;
  readonly events: readonly string[];
  readonly isActive: boolean;
  readonly disabledReason: DisabledReason | null;
  /** Attempts, tests excluded; as Postgres gives a bigint. */
  readonly successCount: string;
  readonly failureCount: string;
  readonly consecutiveFailures: number;
  readonly lastDeliveryAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** As GET shows it (seed 003). */
export function renderEndpoint(endpoint: Endpoint) {
  return {
    id: endpoint.id,
    url: endpoint.url,
    events: endpoint.events,
    is_active: endpoint.isActive,
    success_count: Number(endpoint.successCount),
    failure_count: Number(endpoint.failureCount),
    consecutive_failures: endpoint.consecutiveFailures,
    last_delivery_at: shownOrNull(endpoint.lastDeliveryAt),
    created_at: shown(endpoint.createdAt),
  };
}
