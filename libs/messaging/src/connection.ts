import { connect, type NatsConnection } from '@nats-io/transport-node';
import { watchConnection } from './metrics.js';

export type { NatsConnection } from '@nats-io/transport-node';

/**
 * Connects as `service`. Waits for a server that is not up yet and reconnects for ever; meanwhile calls fail
 * as `service_unavailable`. Replies arrive under the service's own inbox prefix, as its permissions demand.
 */
export async function connectNats(options: { url: string; service: string }): Promise<NatsConnection> {
  const connection = await connect({
    servers: options.url,
    name: options.service,
    inboxPrefix: `_INBOX.${options.service}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    waitOnFirstConnect: true,
    pingInterval: 5_000,
    maxPingOut: 2,
    noAsyncTraces: true,
  });
  void watchConnection(connection);
  return connection;
}
