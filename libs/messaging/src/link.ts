import type { NatsConnection } from '@nats-io/transport-node';

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
