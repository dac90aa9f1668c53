import { collectProcessMetrics } from './instruments.js';
import type { Logger } from './logger.js';
import { openOperatorsPort } from './operators-port.js';
import type { TelemetrySettings } from './settings.js';
import { startTraceExport } from './trace-export.js';

export interface Telemetry {
  /** Where operators find /metrics and /health. */
  readonly url: string;
  /** Sends the last spans, within two seconds, and closes the port. */
  stop(): Promise<void>;
}

/** Opens the operators' port, and traces when the settings name a collector. Rejects when the port is taken. */
export async function startTelemetry(
  service: string,
  settings: TelemetrySettings,
  logger: Logger,
): Promise<Telemetry> {
  collectProcessMetrics(service);
  const port = await openOperatorsPort(settings.METRICS_HOST, settings.METRICS_PORT);
  const endTraceExport = startTraceExport(service, settings, logger);
  logger.info({ url: port.url }, 'operators are served');
  return {
    url: port.url,
    stop: async () => {
      await endTraceExport();
      port.close();
    },
  };
}
