import { runService } from '@magistry/messaging';
import { createLogger } from '@magistry/telemetry';
import { AppModule } from './app.module.js';
import { githubSettings, loadConfig, runExportOf } from './config.js';
import { EXPORT_EVERY_MS } from './exports/run-export.js';
import { INDEXER_OPTIONS } from './knowledge/document-indexer.js';
import { RuleModelServer } from './models/rules/server.js';
import { readAgentsFile } from './registry/shipped-agents.js';
import { RUNNER_OPTIONS } from './runner/runner.js';
import { Database } from './storage/database.js';

const SERVICE = 'agents';
/** Runs that end so soon after SIGTERM are still answered here. */
const WAITS_LEFT_MS = 5_000;
const config = loadConfig();
const runExport = runExportOf(config);

const logger = createLogger(SERVICE, config.LOG_LEVEL);
const database = new Database(config.DATABASE_URL, (error) =>
  logger.warn({ error }, 'a connection was lost'),
);
const leaving = new AbortController();
const ruleModel = await RuleModelServer.start();
const baseUrl = config.MAGISTRY_MODEL_BASE_URL;
const apiKey = config.MAGISTRY_MODEL_API_KEY;

await runService({
  service: SERVICE,
  natsUrl: config.NATS_URL,
  logger,
  telemetry: config,
  module: (nats) =>
    AppModule.with({
      nats,
      database,
      ruleModel,
      model: baseUrl
        ? { baseUrl, name: config.MAGISTRY_MODEL_NAME, ...(apiKey !== undefined && { apiKey }) }
        : undefined,
      contextTokens: config.MAGISTRY_MODEL_CONTEXT_TOKENS,
      baseUrl: config.MAGISTRY_BASE_URL.replace(/\/+$/, ''),
      sealingSecret: config.MAGISTRY_SEALING_SECRET,
      allowsLoopback: config.MAGISTRY_ALLOW_LOOPBACK_AGENTS === 'true',
      shippedAgents: readAgentsFile(),
      runnerOptions: RUNNER_OPTIONS,
      github: { settings: githubSettings(config) },
      indexerOptions: INDEXER_OPTIONS,
      runExport: runExport && { ...runExport, lookEveryMs: EXPORT_EVERY_MS },
      leaving: leaving.signal,
      onFault: ({ id, workspaceId }, error) => logger.error({ run: id, workspaceId, error }, 'a run failed'),
      now: Date.now,
    }),
  onStop: () => setTimeout(() => leaving.abort(), WAITS_LEFT_MS).unref(),
  readiness: async (): Promise<Record<string, string>> => {
    const fault = await database.fault();
    return fault ? { postgres: fault } : {};
  },
});
