import { createLogger, settleHeap, startTelemetry } from '@magistry/telemetry';
import { loadConfig } from './config.js';
import { renderBody } from './domain/events/render-body.js';
import { endpointNotices } from './sender/endpoint-notices.js';
import { Sender } from './sender/sender.js';
import { Database } from './storage/database.js';
import { secretsSeal } from './storage/sealed-secrets.js';
import { SigningKeys } from './storage/signing-keys.js';

const SERVICE = 'webhooks';
const config = loadConfig();
const logger = createLogger(SERVICE, config.LOG_LEVEL);
const database = new Database(config.DATABASE_URL, (error) =>
  logger.warn({ error }, 'a connection was lost'),
);
const seal = secretsSeal(config.MAGISTRY_WEBHOOK_SECRET, config.MAGISTRY_WEBHOOK_SECRET_OTHER);
const signingKeys = new SigningKeys(database, seal);

const telemetry = await startTelemetry(SERVICE, config, logger);
const sender = new Sender({
  database,
  databaseUrl: config.DATABASE_URL,
  redisUrl: config.REDIS_URL,
  allowsLoopback: config.MAGISTRY_ALLOW_LOOPBACK_WEBHOOKS === 'true',
  render: renderBody,
  openSecret: (endpointId, sealed) => seal.open(`endpoint:${endpointId}`, sealed).toString(),
  privateKeys: () => signingKeys.privateKeys(),
  tell: endpointNotices(database),
  now: Date.now,
  random: Math.random,
  onFault: (error) => logger.warn({ error }, 'sending was held up'),
});

async function stop(signal: string): Promise<void> {
  logger.info({ signal }, 'letting what is under way end');
  await sender.stop();
  await database.onModuleDestroy();
  await telemetry.stop();
  logger.info('stopped');
  process.exit(0);
}

process.once('SIGTERM', (signal) => void stop(signal));
process.once('SIGINT', (signal) => void stop(signal));
sender.start();
settleHeap();
logger.info('ready');
