import { counter, DURATION_BUCKETS, gauge, histogram } from '@magistry/telemetry';

/** `decisions`: the ledger's events; `published`: by API; `service`: of endpoints and jobs. */
export type EventSource = 'decisions' | 'published' | 'service';

export const eventsTold = counter({
  name: 'magistry_webhook_events_total',
  help: 'Events that were fanned out, those without a subscriber too, by where they came from.',
  labels: ['source'],
});

export const deliveriesMade = counter({
  name: 'magistry_webhook_deliveries_made_total',
  help: 'Deliveries that events were turned into, by where the events came from.',
  labels: ['source'],
});

export const fanOutDuration = histogram({
  name: 'magistry_webhook_fan_out_duration_seconds',
  help: 'Time from reading the subscribers to having written the deliveries of one batch of events.',
  labels: ['source'],
  buckets: DURATION_BUCKETS,
});

export const eventsLost = counter({
  name: 'magistry_webhook_events_lost_total',
  help: 'Events of the ledger that its outbox had no more when they were to be fanned out.',
});

const positions = new Map<number, number>();

export function notePosition(shard: number, position: number): void {
  positions.set(shard, position);
}

gauge({
  name: 'magistry_webhook_taken_in_events',
  help: 'Events of a shard of the ledger that are fanned out, as far as this process knows.',
  labels: ['shard'],
  read: (shown) => {
    for (const [shard, position] of positions) shown.set({ shard: String(shard) }, position);
  },
});
