export { type OutboxEvent, OutboxRelay, type OutboxSource, type RelayOptions } from './relay.js';
