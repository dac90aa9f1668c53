import { runService } from '@magistry/messaging';
import { createLogger } from '@magistry/telemetry';
import { AppModule } from './app.module.js';
import { loadConfig } from './config.js';
import { Database } from './storage/database.js';

const SERVICE = 'webhooks';
const config = loadConfig();
const logger = createLogger(SERVICE, config.LOG_LEVEL);
const database = new Database(config.DATABASE_URL, (error) =>
  logger.warn({ error }, 'a connection was lost'),
);

await runService({
  service: SERVICE,
  natsUrl: config.NATS_URL,
  logger,
  telemetry: config,
  module: () => AppModule.with({ database, now: Date.now }),
  readiness: async (): Promise<Record<string, string>> => {
    const fault = await database.fault();
    return fault ? { postgres: fault } : {};
  },
});
