import type { EventCondition } from '@magistry/contracts';
import type { DisabledReason, Endpoint, EndpointSettings } from './endpoint.js';

/** The members of a PATCH; what is left out stays. */
export interface EndpointPatch {
  readonly url?: string | null | undefined;
  readonly events?: readonly string[] | undefined;
  readonly is_active?: boolean | undefined;
  readonly signing?: EndpointSettings['signing'] | undefined;
  readonly filter?: readonly EventCondition[] | null | undefined;
  readonly ordering?:
    | { readonly key: string; readonly on_failure: 'block' | 'skip' | 'dead_letter' }
    | null
    | undefined;
  readonly retry_schedule?: readonly number[] | null | undefined;
  readonly api_version?: string | undefined;
}

export interface EndpointChange {
  readonly settings: EndpointSettings;
  readonly disabledReason: DisabledReason | null;
  /** Its failures count no longer: it is another address, or was switched on. */
  readonly isForgiven: boolean;
  /** Some queued events may be unsubscribed from now. */
  readonly isNarrowed: boolean;
  /** What becomes of what is queued. */
  readonly queue: 'hold' | 'release' | 'stay';
}

/** An endpoint with a patch applied, and what follows from it. */
export function changedEndpoint(before: Endpoint, patch: EndpointPatch): EndpointChange {
  const settings = patched(before, patch);
  const { isActive, url } = settings;
  const isNowPushed = isActive && url !== null;
  const wasPushed = before.isActive && before.url !== null;
  const hasMoved = url !== before.url;
  return {
    settings,
    disabledReason: isActive ? null : (before.disabledReason ?? 'manual'),
    isForgiven: hasMoved || (isActive && !before.isActive),
    isNarrowed: patch.events !== undefined,
    queue: isNowPushed === wasPushed ? 'stay' : isNowPushed ? 'release' : 'hold',
  };
}

function patched(before: Endpoint, patch: EndpointPatch): EndpointSettings {
  const { ordering } = patch;
  return {
    url: patch.url === undefined ? before.url : patch.url,
    events: patch.events ?? before.events,
    isActive: patch.is_active ?? before.isActive,
    signing: patch.signing ?? before.signing,
    filter: patch.filter === undefined ? before.filter : patch.filter,
    orderingPath: ordering === undefined ? before.orderingPath : (ordering?.key ?? null),
    orderingOnFailure: ordering === undefined ? before.orderingOnFailure : (ordering?.on_failure ?? null),
    retrySchedule: patch.retry_schedule === undefined ? before.retrySchedule : patch.retry_schedule,
    apiVersion: patch.api_version ?? before.apiVersion,
  };
}
