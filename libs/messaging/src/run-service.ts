import {
  type Logger,
  nestLogger,
  settleHeap,
  startTelemetry,
  type TelemetrySettings,
} from '@magistry/telemetry';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { connectNats, type NatsConnection } from './connection.js';
import { NatsServer } from './nats-server.js';

export interface ServiceOptions {
  readonly service: string;
  readonly natsUrl: string;
  readonly logger: Logger;
  readonly telemetry: TelemetrySettings;
  readonly module: (nats: NatsConnection) => DynamicModule;
  /** Dependency by name with what is wrong, besides NATS itself. */
  readonly readiness: () => Promise<Record<string, string>>;
  /** Told when the process begins to leave, before what it has received is answered. */
  readonly onStop?: () => void;
}

/**
 * The life of a service process: connect, serve, and on SIGTERM or SIGINT answer what was received, let the
 * module's own work end, and leave.
 */
export async function runService(options: ServiceOptions): Promise<void> {
  const { service, logger } = options;
  const telemetry = await startTelemetry(service, options.telemetry, logger);
  const nats = await connectNats({ url: options.natsUrl, service, logger });
  const strategy = new NatsServer({
    connection: nats,
    service,
    readiness: options.readiness,
    onFault: (operation, request, error) =>
      logger.error({ operation, ...request, error }, 'an operation failed'),
  });
  const app = await NestFactory.createMicroservice(options.module(nats), {
    strategy,
    logger: nestLogger(logger),
  });
  const stop = once(async (signal: string) => {
    logger.info({ signal }, 'draining');
    options.onStop?.();
    await app.close();
    // Without a server there is nobody to drain to.
    await nats.drain().catch(() => nats.close());
    await telemetry.stop();
    logger.info('stopped');
    process.exit(0);
  });
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  await app.listen();
  settleHeap();
  logger.info('ready');
}

function once(action: (signal: string) => Promise<void>): (signal: string) => void {
  let started = false;
  return (signal) => {
    if (started) return;
    started = true;
    void action(signal);
  };
}
