import { runService } from '@magistry/messaging';
import { createLogger } from '@magistry/telemetry';
import { AppModule } from './app.module.js';
import { loadConfig } from './config.js';

const config = loadConfig();

await runService({
  service: 'planner',
  natsUrl: config.NATS_URL,
  logger: createLogger('planner', config.LOG_LEVEL),
  telemetry: config,
  module: (nats) => AppModule.with({ nats, now: Date.now }),
  readiness: async () => ({}),
});
