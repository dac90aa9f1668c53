import { runService } from '@magistry/messaging';
import { createLogger } from '@magistry/telemetry';
import { AppModule } from './app.module.js';
import { loadConfig } from './config.js';
import { Database } from './storage/database.js';

const SERVICE = 'identity';
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
  module: (nats) =>
    AppModule.with({
      nats,
      database,
      keyPepper: config.MAGISTRY_KEY_PEPPER,
      sealingSecret: config.MAGISTRY_SEALING_SECRET,
      baseUrl: config.MAGISTRY_BASE_URL.replace(/\/+$/, ''),
      upgradeUrl: config.MAGISTRY_UPGRADE_URL,
      tokenAudience: config.MAGISTRY_TOKEN_AUDIENCE,
      http: { host: config.HTTP_HOST, port: config.HTTP_PORT, url: config.MAGISTRY_HTTP_URL },
      mail: {
        smtpUrl: config.MAGISTRY_SMTP_URL,
        from: config.MAGISTRY_MAIL_FROM,
        log: (letter) => logger.info({ letter }, 'no mail is set up (MAGISTRY_SMTP_URL): the letter is here'),
      },
      now: Date.now,
    }),
  readiness: async (): Promise<Record<string, string>> => {
    const fault = await database.fault();
    return fault ? { postgres: fault } : {};
  },
});
