import type { EventCondition } from '@magistry/contracts';
import { type ItemQuery, pickFields } from '@magistry/lists';
import { shown, shownOrNull } from './clock.js';

/** Why an endpoint gets nothing: a PATCH said so, it answered 410, or days of attempts have failed. */
export type DisabledReason = 'manual' | 'gone' | 'failing';

/** What the owner of an endpoint chooses. */
export interface EndpointSettings {
  /** Null: nothing is pushed, the receiver polls. */
  readonly url: string | null;
  /** Normalised (`normaliseEvents`). */
  readonly events: readonly string[];
  readonly isActive: boolean;
  readonly signing: 'hmac' | 'ed25519';
  /** Null lets every event pass. */
  readonly filter: readonly EventCondition[] | null;
  readonly orderingPath: string | null;
  readonly orderingOnFailure: 'block' | 'skip' | 'dead_letter' | null;
  /** Seconds between attempts; null is the platform's schedule. */
  readonly retrySchedule: readonly number[] | null;
  readonly apiVersion: string;
}

/** A receiver of a workspace's events, with what its attempts have come to. */
export interface Endpoint extends EndpointSettings {
  readonly id: number;
  readonly workspaceId: number;
  readonly disabledReason: DisabledReason | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Attempts, tests excluded; bigints come as texts. */
  readonly successCount: string;
  readonly failureCount: string;
  readonly consecutiveFailures: number;
  readonly lastDeliveryAt: Date | null;
  readonly breaker: 'closed' | 'open' | 'half_open';
  readonly breakerReason: string | null;
  readonly failingSince: Date | null;
  readonly pausedUntil: Date | null;
  /** Null is the full pace. */
  readonly rateLowered: number | null;
}

/** Requests a second that an endpoint gets at most (design: api.md section 5). */
const FULL_RATE_PER_S = 50;

/** As lists show it (seed 003). */
export function renderListed(endpoint: Endpoint, query: ItemQuery = {}) {
  return pickFields(
    {
      id: endpoint.id,
      url: endpoint.url,
      events: endpoint.events,
      is_active: endpoint.isActive,
      success_count: Number(endpoint.successCount),
      failure_count: Number(endpoint.failureCount),
      last_delivery_at: shownOrNull(endpoint.lastDeliveryAt),
      created_at: shown(endpoint.createdAt),
    },
    query.fields,
  );
}

/** As GET shows it: seed 003's members, then settings and health. */
export function renderEndpoint(endpoint: Endpoint) {
  const { orderingPath, orderingOnFailure } = endpoint;
  return {
    ...renderListed(endpoint),
    consecutive_failures: endpoint.consecutiveFailures,
    disabled_reason: endpoint.disabledReason,
    signing: endpoint.signing,
    filter: endpoint.filter,
    ordering: orderingPath === null ? null : { key: orderingPath, on_failure: orderingOnFailure },
    retry_schedule: endpoint.retrySchedule,
    api_version: endpoint.apiVersion,
    updated_at: shown(endpoint.updatedAt),
    health: {
      breaker: endpoint.breaker,
      breaker_reason: endpoint.breakerReason,
      failing_since: shownOrNull(endpoint.failingSince),
      paused_until: shownOrNull(endpoint.pausedUntil),
      rate_per_s: endpoint.rateLowered ?? FULL_RATE_PER_S,
    },
  };
}

/** As its creation shows it, with the secret that no other answer has. */
export function renderCreated(
  {
    id,
    url,
    events,
    isActive,
    createdAt,
  }: Pick<Endpoint, 'id' | 'url' | 'events' | 'isActive' | 'createdAt'>,
  secret: string,
) {
  return { id, url, events, secret, is_active: isActive, created_at: shown(createdAt) };
}
