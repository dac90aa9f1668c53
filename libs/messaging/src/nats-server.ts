import { getReadiness, type Operation } from '@magistry/contracts';
import type { NatsConnection } from '@nats-io/transport-node';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { type FaultListener, type Handler, type Served, serve } from './serve.js';

export interface NatsServerOptions {
  readonly connection: NatsConnection;
  readonly service: string;
  /** Dependency by name with what is wrong; empty when the service can work. Asked by the gateway's /ready. */
  readonly readiness: () => Promise<Record<string, string>>;
  readonly onFault: FaultListener;
}

/**
 * Nest's transport for our services: one subject per operation in the service's queue group, protobuf envelopes.
 * Nest's own NATS transport unsubscribes before it sleeps and loses requests at shutdown; this one drains.
 */
export class NatsServer extends Server implements CustomTransportStrategy {
  private served: Served[] = [];

  constructor(private readonly options: NatsServerOptions) {
    super();
  }

  listen(callback: (error?: unknown) => void): void {
    for (const handler of this.messageHandlers.values()) {
      const operation = handler.extras?.['operation'] as Operation;
      this.start(operation, async (request: never) => {
        const result = await handler(request);
        return isObservable(result) ? lastValueFrom(result) : result;
      });
    }
    this.start(getReadiness(this.options.service), async () => ({
      failures: await this.options.readiness(),
    }));
    callback();
  }

  /** Answers what was received, then returns. The connection itself is closed by the app once its own work ended. */
  async close(): Promise<void> {
    await Promise.all(this.served.map((served) => served.drain()));
    this.served = [];
  }

  private start(operation: Operation, handler: Handler): void {
    const { connection, service, onFault } = this.options;
    this.served.push(
      serve(connection, { subject: operation.name, queue: service, operation }, handler, onFault),
    );
  }

  override on(): never {
    throw new Error('NatsServer has no events of its own; watch the connection');
  }

  override unwrap<T>(): T {
    return this.options.connection as T;
  }
}
