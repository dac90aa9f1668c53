import { agents } from '@magistry/contracts';
import { createTestDatabase, type RunningService, startService } from '@magistry/testing';
import { type AgentsOptions, AppModule } from '../src/app.module.js';
import type { IndexerOptions } from '../src/knowledge/document-indexer.js';
import { RuleModelServer } from '../src/models/rules/server.js';
import { readAgentsFile } from '../src/registry/shipped-agents.js';
import type { RunnerOptions } from '../src/runner/runner.js';
import { Database } from '../src/storage/database.js';

export interface RunningAgents extends RunningService {
  /** The database as its owner. */
  readonly adminUrl: string;
  /** What followers of a run's log have been shown so far. */
  events(runId: string): Promise<LogEntry[]>;
}

export interface LogEntry {
  readonly run_id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
  readonly span_id: string;
  readonly parent_span_id?: string;
}

/** One process of the service. */
export interface RunningProcess extends RunningService {
  /** What its runs failed with besides refusals; thrown by `stop`. */
  readonly faults: readonly unknown[];
  /** Stops it, whatever its runs failed with: what it was to die of, it may meet until it is gone. */
  abandon(): Promise<void>;
}

export const WORKSPACE_ID = 7;
const QUICK: RunnerOptions = { leaseMs: 1_500, lookEveryMs: 100, runsMax: 16 };
const QUICK_INDEXER: IndexerOptions = { leaseMs: 1_500, lookEveryMs: 100 };

/** The service as it runs, in a database of its own. */
export async function startAgents(wish: Partial<AgentsOptions> = {}): Promise<RunningAgents> {
  const database = await createTestDatabase('agents');
  const running = await startProcess(database.url, wish);
  const stop = async () => {
    await running.stop();
    await database.drop();
  };
  const { adminUrl } = database;
  return { ...running, adminUrl, events: (id) => eventsOf(running, id), stop };
}

/** One process of the service on a database that is there. */
export async function startProcess(
  databaseUrl: string,
  wish: Partial<AgentsOptions> = {},
): Promise<RunningProcess> {
  const ruleModel = await RuleModelServer.start();
  const faults: unknown[] = [];
  const leaving = new AbortController();
  const running = await startService('agents', (nats) =>
    AppModule.with({
      nats,
      database: new Database(databaseUrl, () => undefined),
      ruleModel,
      contextTokens: 100_000,
      baseUrl: 'http://127.0.0.1:8080',
      sealingSecret: 'a sealing secret that is long enough for tests',
      allowsLoopback: true,
      shippedAgents: readAgentsFile(),
      runnerOptions: QUICK,
      indexerOptions: QUICK_INDEXER,
      leaving: leaving.signal,
      onFault: (_, error) => faults.push(error),
      now: Date.now,
      ...wish,
    }),
  );
  // As on SIGTERM: who waits for a run is told that it goes on, and holds nobody up.
  const abandon = () => {
    leaving.abort();
    return running.stop();
  };
  const stop = async () => {
    await abandon();
    if (faults.length > 0) throw new AggregateError(faults, 'runs failed');
  };
  return { ...running, stop, abandon, faults };
}

export async function eventsOf(running: RunningService, runId: string): Promise<LogEntry[]> {
  const name = `${WORKSPACE_ID}.${runId}`;
  const { page } = await running.call(agents.readEvents, { name, after: 0 });
  return (page?.events ?? []).map(({ data }) => JSON.parse(Buffer.from(data).toString()));
}
