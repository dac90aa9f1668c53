import type { Caller, LivePages } from '@magistry/messaging';
import type { Provider } from '@nestjs/common';
import type { Clock } from '../domain/clock.js';
import type { AgentRegistry } from '../registry/agent-registry.js';
import type { RunStarter } from '../runner/run-starter.js';
import type { Database } from '../storage/database.js';
import { GithubCommands } from '../storage/github-commands.js';
import type { RunStore } from '../storage/run-store.js';
import { ActingWorkspace } from './acting-workspace.js';
import { CommandRuns } from './command-runs.js';
import { COMMAND_WORKER_OPTIONS, CommandWorker, type CommandWorkerOptions } from './command-worker.js';
import { DeliverySignature } from './delivery-signature.js';
import { GithubApi } from './github-api.js';
import { GithubSettings } from './github-settings.js';

/** GitHub takes some 80 writes a minute of one token. */
const EDIT_EVERY_MS = 3_000;

export interface GithubOptions extends Partial<CommandWorkerOptions> {
  readonly settings: GithubSettings;
  readonly editEveryMs?: number;
}

interface Surroundings {
  readonly database: Database;
  readonly starter: RunStarter;
  readonly runs: RunStore;
  readonly registry: AgentRegistry;
  readonly livePages: LivePages;
  readonly caller: Caller;
  readonly clock: Clock;
}

/** Whatever takes commands from GitHub and answers them. */
export function githubProviders(
  { settings, editEveryMs = EDIT_EVERY_MS, ...wish }: GithubOptions = { settings: new GithubSettings({}) },
  { database, starter, runs, registry, livePages, caller, clock }: Surroundings,
): Provider[] {
  const surroundings = {
    api: new GithubApi(settings, clock.now),
    commands: new GithubCommands(database),
    runs: new CommandRuns(starter, runs, livePages, clock),
    workspace: new ActingWorkspace(caller, settings.workspace, clock.now),
    ...{ registry, clock, editEveryMs },
  };
  const worker = new CommandWorker(surroundings, { ...COMMAND_WORKER_OPTIONS, ...wish });
  return [
    { provide: GithubSettings, useValue: settings },
    {
      provide: DeliverySignature,
      useValue: new DeliverySignature(settings.webhookSecret, settings.otherWebhookSecret),
    },
    { provide: CommandWorker, useValue: worker },
  ];
}
