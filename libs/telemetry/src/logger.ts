import type { LoggerService } from '@nestjs/common';
import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

// Wherever a credential could slip into a logged object.
const SECRET_PATHS = [
  'authorization',
  '*.authorization',
  'headers["x-api-key"]',
  'credential',
  '*.credential',
  'key',
  '*.key',
];

/** One JSON line an event, with the service's name; levels as pino's. */
export function createLogger(service: string, level: string): Logger {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: SECRET_PATHS, censor: '[secret]' },
    serializers: { error: pino.stdSerializers.err },
  });
}

/** Lets Nest write its own messages through the service's logger. */
export function nestLogger(logger: Logger): LoggerService {
  const line = (message: unknown, [context]: unknown[]) => [{ context }, String(message)] as const;
  return {
    log: (message: unknown, ...rest: unknown[]) => logger.debug(...line(message, rest)),
    warn: (message: unknown, ...rest: unknown[]) => logger.warn(...line(message, rest)),
    error: (message: unknown, ...rest: unknown[]) => logger.error(...line(message, rest)),
    fatal: (message: unknown, ...rest: unknown[]) => logger.fatal(...line(message, rest)),
    debug: (message: unknown, ...rest: unknown[]) => logger.trace(...line(message, rest)),
    verbose: (message: unknown, ...rest: unknown[]) => logger.trace(...line(message, rest)),
  };
}
