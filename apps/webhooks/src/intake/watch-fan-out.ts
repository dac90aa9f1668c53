import { outcomeOf, startSpan } from '@magistry/telemetry';
import type { EventToTell } from '../storage/fan-out.js';
import { deliveriesMade, type EventSource, eventsTold, fanOutDuration } from './metrics.js';

/**
 * Fans events out, and tells metrics and traces how it went. A traced event is kept with the span's context, for its
 * attempts to belong to. `traceparent` is that of the request that published it.
 */
export async function watchFanOut(
  { source, traceparent }: { readonly source: EventSource; readonly traceparent?: string },
  events: readonly EventToTell[],
  tell: (events: readonly EventToTell[]) => Promise<number>,
): Promise<void> {
  const startedAt = performance.now();
  const attributes = { 'magistry.events': events.length, 'magistry.source': source };
  const span = startSpan('webhooks.fan-out', { traceparent, attributes });
  const traced = span ? events.map((event) => ({ ...event, traceparent: span.traceparent })) : events;
  try {
    const deliveries = await tell(traced);
    eventsTold.inc({ source }, events.length);
    deliveriesMade.inc({ source }, deliveries);
    span?.end('ok', { 'magistry.deliveries': deliveries });
  } catch (error) {
    span?.end(outcomeOf(error));
    throw error;
  } finally {
    fanOutDuration.observe({ source }, (performance.now() - startedAt) / 1_000);
  }
}
