import { resolve } from 'node:path';
import { databaseUrl, logLevel, natsUrl, readConfig, secret } from '@magistry/config';
import { telemetryVariables } from '@magistry/telemetry';
import { z } from 'zod';
import type { RunExportOptions } from './exports/run-export.js';
import { GITHUB_API_URL, GithubSettings } from './github/github-settings.js';

export const settings = {
  DATABASE_URL: databaseUrl,
  NATS_URL: natsUrl,
  MAGISTRY_SEALING_SECRET: secret(
    "Seals first answers, kept for a retry under the same key, and the keys of agents' own models.",
  ),
  MAGISTRY_BASE_URL: z
    .url({ protocol: /^https?$/ })
    .default('http://127.0.0.1:8080')
    .describe('Where users reach the gateway; the links in its error bodies lie below it.'),
  MAGISTRY_MODEL_BASE_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      "Where agents' model is, as OpenAI's API ends in /v1; without it they have the rule model of this service.",
    ),
  MAGISTRY_MODEL_NAME: z
    .string()
    .min(1)
    .default('default')
    .describe('The name of the model at MAGISTRY_MODEL_BASE_URL.'),
  MAGISTRY_MODEL_API_KEY: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'The key of the model at MAGISTRY_MODEL_BASE_URL.', secret: true }),
  MAGISTRY_MODEL_CONTEXT_TOKENS: z.coerce
    .number()
    .int()
    .min(1_000)
    .default(100_000)
    .describe('Tokens that a model is shown at most, for agents without a budget.context_tokens.'),
  MAGISTRY_ALLOW_LOOPBACK_AGENTS: z
    .enum(['true', 'false'])
    .default('false')
    .describe(
      "true lets agents' own models and HTTP tools call 127.0.0.1 and localhost, any port: for local work alone.",
    ),
  MAGSAG_RUNS_BASE_DIR: z
    .string()
    .min(1)
    .optional()
    .describe(
      'A folder that ended runs of MAGSAG_WORKSPACE are written to, and their costs beside it; none when left out.',
    ),
  MAGSAG_GITHUB_WEBHOOK_SECRET: z.string().min(1).optional().meta({
    description: "Verifies GitHub's deliveries; without it none is taken (docs/github.md).",
    secret: true,
  }),
  MAGSAG_GITHUB_WEBHOOK_SECRET_OTHER: z.string().min(1).optional().meta({
    description: "Verifies GitHub's deliveries too, while MAGSAG_GITHUB_WEBHOOK_SECRET is replaced.",
    secret: true,
  }),
  MAGSAG_GITHUB_TOKEN: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Asks GitHub for permissions and writes comments there.', secret: true }),
  MAGSAG_GITHUB_API_URL: z
    .url({ protocol: /^https?$/ })
    .default(GITHUB_API_URL)
    .describe("Where GitHub's REST API is; an Enterprise Server's ends in /api/v3."),
  MAGSAG_WORKSPACE: z
    .string()
    .min(1)
    .optional()
    .describe('The slug of the workspace in which MAGSAG_API_KEY and commands on GitHub act.'),
  LOG_LEVEL: logLevel,
  ...telemetryVariables,
};

/** The only reader of the environment. */
export function loadConfig() {
  return readConfig(settings, process.env);
}

type Config = ReturnType<typeof loadConfig>;

export function githubSettings(config: Config): GithubSettings {
  return new GithubSettings({
    webhookSecret: config.MAGSAG_GITHUB_WEBHOOK_SECRET,
    otherWebhookSecret: config.MAGSAG_GITHUB_WEBHOOK_SECRET_OTHER,
    token: config.MAGSAG_GITHUB_TOKEN,
    apiUrl: config.MAGSAG_GITHUB_API_URL.replace(/\/+$/, ''),
    workspace: config.MAGSAG_WORKSPACE,
  });
}

/** Throws where a folder is set and no workspace whose runs belong there. */
export function runExportOf(values: {
  readonly MAGSAG_RUNS_BASE_DIR?: string | undefined;
  readonly MAGSAG_WORKSPACE?: string | undefined;
}): Pick<RunExportOptions, 'folder' | 'workspace'> | undefined {
  const { MAGSAG_RUNS_BASE_DIR: folder, MAGSAG_WORKSPACE: workspace } = values;
  if (folder === undefined) return undefined;
  if (workspace !== undefined) return { folder: resolve(folder), workspace };
  throw new Error(
    'These environment variables need mending:\n  MAGSAG_WORKSPACE: says whose runs are exported',
  );
}
