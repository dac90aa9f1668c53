export { type AuditDetail, type AuditEntry, askedBy, storableText } from './audit-entry.js';
export { AuditOutbox } from './audit-outbox.js';
export {
  type AcrossWorkspaces,
  type AuditOutboxReader,
  auditOutboxReaders,
  forgetAuditEvents,
} from './audit-outbox-reader.js';
export { AuditRelays } from './audit-relays.js';
export { type ConsumedEvent, type ConsumerOptions, type Inbox, OutboxConsumer } from './consumer.js';
export { readBackFrom, readOutbox } from './read-back.js';
export { type OutboxEvent, OutboxRelay, type OutboxSource, type RelayOptions } from './relay.js';
