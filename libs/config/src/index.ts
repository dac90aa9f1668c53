export { describeSettings, type SettingDescription } from './describe-settings.js';
export { readConfig } from './read-config.js';
export { databaseUrl, logLevel, natsUrl, redisUrl, secret, tokenAudience } from './settings.js';
