import { GuardedClient } from '@magistry/egress';
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
const client = new GuardedClient({ allowsLoopback: config.MAGISTRY_ALLOW_LOOPBACK_WEBHOOKS === 'true' });

await runService({
  service: SERVICE,
  natsUrl: config.NATS_URL,
  logger,
  telemetry: config,
  module: (nats) =>
    AppModule.with({
      nats,
      followsLedger: true,
      database,
      client,
      sealingSecret: config.MAGISTRY_SEALING_SECRET,
      webhookSealingSecret: config.MAGISTRY_WEBHOOK_SECRET,
      otherWebhookSealingSecret: config.MAGISTRY_WEBHOOK_SECRET_OTHER,
      baseUrl: config.MAGISTRY_BASE_URL.replace(/\/+$/, ''),
      now: Date.now,
    }),
  readiness: async (): Promise<Record<string, string>> => {
    const fault = await database.fault();
    return fault ? { postgres: fault } : {};
  },
});
