export { type ConsumedEvent, type ConsumerOptions, type Inbox, OutboxConsumer } from './consumer.js';
export { readBackFrom, readOutbox } from './read-back.js';
export { type OutboxEvent, OutboxRelay, type OutboxSource, type RelayOptions } from './relay.js';
