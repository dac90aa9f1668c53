import { logLevel, natsUrl, readConfig } from '@magistry/config';

export const settings = {
  NATS_URL: natsUrl,
  LOG_LEVEL: logLevel,
};

/** The only reader of the environment. */
export function loadConfig() {
  return readConfig(settings, process.env);
}
