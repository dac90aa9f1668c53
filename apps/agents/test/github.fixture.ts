import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { agents, identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { type CallRequest, serve } from '@magistry/messaging';
import { connectTestNats, createTestDatabase, GithubDouble, type TestDatabase } from '@magistry/testing';
import { sign } from '@octokit/webhooks-methods';
import pg from 'pg';
import type { AgentsOptions } from '../src/app.module.js';
import { type GithubOptions } from '../src/github/github-providers.js';
import { GithubSettings } from '../src/github/github-settings.js';
import { type RunningProcess, startProcess, WORKSPACE_ID } from './agents.fixture.js';

const SECRET = 'a webhook secret';
const TOKEN = 'ghp_double';
const WORKSPACE = 'linen-house';
const END_MS_MAX = 15_000;

interface Example {
  readonly name: string;
  readonly examples: readonly Record<string, unknown>[];
}
// biome-ignore lint/suspicious/noExplicitAny: payloads as GitHub sends them, of which tests change a little
type Payload = any;
const examples: readonly Example[] = createRequire(import.meta.url)('@octokit/webhooks-examples');

/** GitHub's own example of an event, with another text. Its author and sender is Codertocat. */
export function payloadOf(event: string, action: string, body: string | null): Payload {
  const found = examples
    .find(({ name }) => name === event)
    ?.examples.find((example) => example['action'] === action);
  if (!found) throw new Error(`there is no example of ${event} ${action}`);
  const payload = structuredClone(found) as Payload;
  (payload.comment ?? payload.pull_request).body = body;
  return payload;
}

export interface Delivered {
  readonly event?: string;
  readonly deliveryId?: string;
  readonly secret?: string;
  readonly signature?: string;
}

/** A command as its row stands. */
export interface KeptCommand {
  readonly state: string;
  readonly reason: string | null;
  readonly attempts: number;
  readonly run_id: string | null;
}

/** The service with GitHub and identity doubled, each over its real protocol. */
export class GithubHome {
  readonly processes: RunningProcess[] = [];

  private constructor(
    readonly github: GithubDouble,
    readonly database: TestDatabase,
    readonly admin: pg.Client,
    private readonly closeIdentity: () => Promise<void>,
  ) {}

  static async open(): Promise<GithubHome> {
    const github = await GithubDouble.start({ token: TOKEN });
    github.permissions.set('Codertocat', 'write');
    const database = await createTestDatabase('agents');
    const admin = new pg.Client({ connectionString: database.adminUrl });
    await admin.connect();
    await admin.query('SET search_path = agents');
    return new GithubHome(github, database, admin, await doubleIdentity());
  }

  async start(
    github: Partial<GithubOptions> & { readonly values?: object } = {},
    wish: Partial<AgentsOptions> = {},
  ): Promise<RunningProcess> {
    const { values, ...options } = github;
    const set = { webhookSecret: SECRET, token: TOKEN, workspace: WORKSPACE, apiUrl: this.github.url };
    const settings = new GithubSettings({ ...set, ...values });
    const quick = { leaseMs: 1_500, lookEveryMs: 100, editEveryMs: 0 };
    const running = await startProcess(this.database.url, {
      github: { ...quick, ...options, settings },
      ...wish,
    });
    this.processes.push(running);
    return running;
  }

  /** As the gateway hands a delivery on. Answers its id. */
  async deliver(running: RunningProcess, payload: unknown, delivered: Delivered = {}): Promise<string> {
    const { event = 'issue_comment', deliveryId = randomUUID(), secret = SECRET } = delivered;
    const text = JSON.stringify(payload);
    const signature = delivered.signature ?? (await sign(secret, text));
    const body = Buffer.from(text);
    await running.call(agents.receiveGithubEvent, { event, deliveryId, signature, body });
    return deliveryId;
  }

  async commandsOf(deliveryId: string): Promise<KeptCommand[]> {
    const text = `SELECT state, reason, attempts, run_id FROM github_command WHERE delivery_id = $1 ORDER BY place`;
    return (await this.admin.query<KeptCommand>(text, [deliveryId])).rows;
  }

  /** The delivery's commands once all of them have ended. */
  async untilEnded(deliveryId: string): Promise<KeptCommand[]> {
    for (const startedAt = performance.now(); ; ) {
      const commands = await this.commandsOf(deliveryId);
      if (commands.length > 0 && commands.every(({ state }) => state !== 'open')) return commands;
      if (performance.now() - startedAt > END_MS_MAX)
        throw new Error(`the commands have not ended: ${JSON.stringify(commands)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async count(table: string): Promise<number> {
    return (await this.admin.query(`SELECT count(*)::int4 AS count FROM ${table}`)).rows[0].count;
  }

  /** As if nothing had been delivered yet. */
  async clear(): Promise<void> {
    await this.admin.query('TRUNCATE github_command, github_event, run, run_event, cost_entry CASCADE');
    this.github.comments.length = 0;
    this.github.asked.length = 0;
  }

  async stopProcesses(): Promise<void> {
    await Promise.all(this.processes.splice(0).map((running) => running.stop()));
  }

  async close(): Promise<void> {
    await this.stopProcesses();
    await this.closeIdentity();
    await this.github.close();
    await this.admin.end();
    await this.database.drop();
  }
}

/** Answers where the workspace is, as identity does. */
async function doubleIdentity(): Promise<() => Promise<void>> {
  const connection = await connectTestNats('identity');
  const operation = identity.resolveWorkspace;
  const target = { subject: operation.name, queue: 'identity', operation };
  const answer = async ({ message }: CallRequest<typeof operation>) => {
    if (message.selector !== WORKSPACE || message.principalId !== 'system:agents')
      throw new ProblemError('not_found', 'There is no such workspace.');
    return { workspace: { id: WORKSPACE_ID, slug: WORKSPACE, tier: 'enterprise' }, scopes: [] };
  };
  const served = serve(connection, target, answer, () => undefined);
  await connection.flush();
  return async () => {
    await served.drain();
    await connection.drain();
  };
}
