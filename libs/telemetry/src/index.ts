export { createLogger, type Logger, nestLogger } from './logger.js';
