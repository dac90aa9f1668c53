import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '@magistry/telemetry';
import {
  connect,
  type NatsConnection,
  type NodeConnectionOptions,
  errors as natsErrors,
} from '@nats-io/transport-node';
import { watchConnection } from './metrics.js';

export type { NatsConnection } from '@nats-io/transport-node';

const RETRY_MS = 250;
const REFUSED_MS_MAX = 1_000;

export interface ConnectionOptions {
  /** `nats://user:password@host:port`, both parts percent-encoded; without a user for a server that has none. */
  readonly url: string;
  readonly service: string;
  /** Hears what the server refuses. */
  readonly logger?: Logger;
}

/**
 * Connects as `service`. Waits for a server that is not up yet and reconnects for ever; meanwhile calls fail
 * as `service_unavailable`. Replies arrive under the service's own inbox prefix, as its permissions demand.
 */
export async function connectNats({ url, service, logger }: ConnectionOptions): Promise<NatsConnection> {
  const connection = await connectPatiently({
    ...addressOf(url),
    name: service,
    inboxPrefix: `_INBOX.${service}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RETRY_MS,
    // A server that is being given new passwords may refuse us for a while.
    ignoreAuthErrorAbort: true,
    pingInterval: 5_000,
    maxPingOut: 2,
    noAsyncTraces: true,
  });
  void watchConnection(connection);
  if (logger) void logRefusals(connection, logger);
  return connection;
}

/**
 * Whether NATS is connected. While it is not, the client library keeps whatever it is given, without a bound, and
 * sends it later, perhaps too late: what may be lost, or is asked by a deadline, is not given to it.
 */
export class Link {
  private isConnected = true;

  constructor(connection: NatsConnection) {
    void this.follow(connection);
  }

  get isUp(): boolean {
    return this.isConnected;
  }

  private async follow(connection: NatsConnection): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect' || type === 'close') this.isConnected = false;
      if (type === 'reconnect') this.isConnected = true;
    }
  }
}

// The library's own patience with a first connection would also wait for ever behind a wrong password. A server
// that reads its configuration again refuses everybody for a moment.
async function connectPatiently(options: NodeConnectionOptions): Promise<NatsConnection> {
  const startedAt = performance.now();
  for (;;) {
    try {
      return await connect(options);
    } catch (error) {
      const isPatient = performance.now() - startedAt < REFUSED_MS_MAX;
      if (error instanceof natsErrors.AuthorizationError && !isPatient)
        throw new Error(`NATS refuses the user or password in NATS_URL of ${options.name}.`, {
          cause: error,
        });
      await pause(RETRY_MS);
    }
  }
}

// The client library does not read the user from the URL; errors and logs then cannot show it either.
function addressOf(url: string) {
  const { host, protocol, username, password } = new URL(url);
  const server = { servers: host, ...(protocol === 'tls:' && { tls: {} }) };
  if (username === '') return server;
  return { ...server, user: decodeURIComponent(username), pass: decodeURIComponent(password) };
}

/** A refused subject means that the allow-list and the code disagree: the table of services is to be mended. */
async function logRefusals(connection: NatsConnection, logger: Logger): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type !== 'error') continue;
    const { error } = status;
    if (error instanceof natsErrors.PermissionViolationError) {
      const { operation, subject } = error;
      logger.error({ operation, subject }, 'NATS refuses a subject: the allow-list of this user lacks it');
    } else {
      logger.error({ reason: error.message }, 'NATS refuses');
    }
  }
}
