import { runService } from '@magistry/messaging';
import { createLogger } from '@magistry/telemetry';
import { AppModule } from './app.module.js';
import { serviceConfig } from './config.js';
import { LedgerDatabase } from './storage/ledger-database.js';

const config = serviceConfig();
const logger = createLogger('decisions', config.LOG_LEVEL);
const database = new LedgerDatabase(config.DATABASE_URL, (error) =>
  logger.warn({ error }, 'an idle connection ended'),
);

await runService({
  service: 'decisions',
  natsUrl: config.NATS_URL,
  logger,
  telemetry: config,
  module: (nats) =>
    AppModule.with({
      nats,
      database,
      logger,
      cursorSecret: config.MAGISTRY_CURSOR_SECRET,
      sealingSecret: config.MAGISTRY_SEALING_SECRET,
      now: Date.now,
    }),
  readiness: async (): Promise<Record<string, string>> => {
    const fault = await database.fault();
    return fault === undefined ? {} : { postgres: fault };
  },
});
