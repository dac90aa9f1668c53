import { createLogger, settleHeap, startTelemetry } from '@magistry/telemetry';
import { loadConfig } from './config.js';
import { startGateway } from './gateway.js';

const config = loadConfig();
const logger = createLogger('gateway', config.logLevel);
const telemetry = await startTelemetry('gateway', config.telemetry, logger);
const gateway = await startGateway(config, logger);
let isStopping = false;

async function stop(signal: string): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  logger.info({ signal }, 'draining');
  await gateway.stop();
  await telemetry.stop();
  logger.info('stopped');
  process.exit(0);
}

process.on('SIGTERM', stop);
process.on('SIGINT', stop);
settleHeap();
logger.info({ url: gateway.url }, 'ready');
