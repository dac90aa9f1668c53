import type { Route } from '@magistry/contracts';
import { type Counter, counter, DURATION_BUCKETS, gauge, histogram, type Outcome } from '@magistry/telemetry';
import type { Exchange } from './pipeline/exchange.js';

const requests = counter({
  name: 'magistry_gateway_requests_total',
  help: 'HTTP requests by operation, route, class of status and outcome.',
  labels: ['operation', 'route', 'status', 'outcome'],
});

const durations = histogram({
  name: 'magistry_gateway_request_duration_seconds',
  help: 'Time from the headers of an HTTP request to the end of its answer.',
  labels: ['operation', 'route'],
  buckets: DURATION_BUCKETS,
});

const versionRequests = counter({
  name: 'magistry_gateway_version_requests_total',
  help: 'Requests of /v1 by operation and the dated version that they speak.',
  labels: ['operation', 'api_version'],
});

/** HTTP requests whose connection or answer has not ended yet. */
export const requestsInFlight = gauge({
  name: 'magistry_gateway_requests_in_flight',
  help: 'HTTP requests that are being answered.',
});

/** What no route took: a wrong path, an unreadable request, a probe. */
const NONE = 'none';

/** Counts one route's requests. Labels are bound once, not once a request. */
class RouteMeter {
  private readonly durations: ReturnType<typeof durations.labels>;
  private readonly byEnd = new Map<number | Outcome, Counter.Internal>();

  constructor(
    private readonly operation: string,
    private readonly route: string,
  ) {
    this.durations = durations.labels(operation, route);
  }

  ended(status: number, outcome: Outcome, durationMs: number): void {
    this.durations.observe(durationMs / 1_000);
    this.requestsWith(status, outcome).inc();
  }

  private requestsWith(status: number, outcome: Outcome): Counter.Internal {
    // An error code has one status; an answer may have several.
    const end = outcome === 'ok' ? status : outcome;
    let bound = this.byEnd.get(end);
    if (bound === undefined) {
      const statusClass = outcome === 'aborted' ? NONE : `${Math.floor(status / 100)}xx`;
      bound = requests.labels(this.operation, this.route, statusClass, outcome);
      this.byEnd.set(end, bound);
    }
    return bound;
  }
}

const versionCounters = new Map<string, Counter.Internal>();

/** Tells who may still not go: an old version is retired when nobody speaks it. */
export function countVersion(operation: string, apiVersion: string): void {
  const key = `${operation} ${apiVersion}`;
  let bound = versionCounters.get(key);
  if (bound === undefined) {
    bound = versionRequests.labels(operation, apiVersion);
    versionCounters.set(key, bound);
  }
  bound.inc();
}

const elsewhere = new RouteMeter(NONE, NONE);
const meters = new Map<Route, RouteMeter>();

/** Of the request's route; `exchange` is null outside of the pipeline. */
export function meterOf(exchange: Exchange | null): RouteMeter {
  if (exchange === null) return elsewhere;
  const { operation, route } = exchange;
  let meter = meters.get(route);
  if (meter === undefined) {
    meter = new RouteMeter(operation.name, `${route.method} ${route.path}`);
    meters.set(route, meter);
  }
  return meter;
}
