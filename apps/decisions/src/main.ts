import { runService } from '@magistry/messaging';
import { createPool, databaseFault } from '@magistry/persistence';
import { createLogger } from '@magistry/telemetry';
import { AppModule } from './app.module.js';
import { serviceConfig } from './config.js';

const config = serviceConfig();
const logger = createLogger('decisions', config.LOG_LEVEL);
const pool = createPool(config.DATABASE_URL, (error) => logger.warn({ error }, 'an idle connection ended'));

await runService({
  service: 'decisions',
  natsUrl: config.NATS_URL,
  logger,
  telemetry: config,
  module: (nats) =>
    AppModule.with({
      nats,
      pool,
      logger,
      databaseUrl: config.DATABASE_URL,
      cursorSecret: config.MAGISTRY_CURSOR_SECRET,
      sealingSecret: config.MAGISTRY_SEALING_SECRET,
      now: Date.now,
    }),
  readiness: async (): Promise<Record<string, string>> => {
    const fault = await databaseFault(pool);
    return fault === undefined ? {} : { postgres: fault };
  },
});
