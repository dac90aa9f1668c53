/** Everything of webhooks, as one namespace: endpoints, deliveries, events and the catalogue, and replays as jobs. */
export * from './jobs.js';
export * from './webhook-deliveries.js';
export * from './webhook-endpoints.js';
export * from './webhook-events.js';
export * from './webhook-keys.js';
