import type { Tier } from '@magistry/contracts';
import pg from 'pg';
import { eventually } from './eventually.fixture.js';
import type { GatewayClient } from './gateway.fixture.js';
import { OutsidePlace } from './outside-place.fixture.js';
import { type Script, ScriptedModel } from './scripted-model.fixture.js';
import type { RunningSystem } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

const AGENTS = '/api/v1/agents';
/** A request that a killed gateway took along holds its key for its deadline of 65 s. */
const ACCEPT_MS_MAX = 80_000;
/** Two leases behind the end of their run, ten seconds between two looks, and what a busy machine takes. */
const SETTLED_MS_MAX = 40_000;
/** A root and three levels below it, as deep as a tree may be. */
export const LEVELS = ['level-1', 'level-2', 'level-3', 'level-4'] as const;

export interface AgentWish {
  readonly budget?: { readonly micros?: number; readonly model_calls?: number };
  readonly time_limit_s?: number;
  readonly tools?: readonly string[];
}

/** What asks the agent of a level, as a tool of the one above. */
export function ask(level: number, script: Script): { tool: string; input: object } {
  return { tool: `ask_level_${level}`, input: script };
}

/** A model, a place outside, and the workspaces whose agents use both. */
export class ScriptedAgents {
  /** Requests that had to be sent more than once until a run was accepted. */
  sentAgain = 0;

  private constructor(
    readonly system: RunningSystem,
    readonly model: ScriptedModel,
    readonly place: OutsidePlace,
    readonly workspaces: Workspaces,
    /** The database as its owner. */
    readonly database: pg.Client,
  ) {}

  static async open(system: RunningSystem): Promise<ScriptedAgents> {
    const workspaces = await Workspaces.open(system);
    const database = new pg.Client({ connectionString: system.databaseUrl });
    // While Postgres is killed, what is asked of it fails.
    database.on('error', () => {});
    await database.connect();
    const [model, place] = [await ScriptedModel.start(), await OutsidePlace.start()];
    return new ScriptedAgents(system, model, place, workspaces, database);
  }

  async close(): Promise<void> {
    await this.database.end();
    await this.workspaces.close();
    await Promise.all([this.model.stop(), this.place.stop()]);
  }

  /** A workspace with an agent at each level, each of which may ask the next. */
  async workspace(wish: AgentWish = {}, tier: Tier = 'enterprise'): Promise<TestWorkspace> {
    const workspace = await this.workspaces.create(tier);
    await this.equip(workspace, wish);
    return workspace;
  }

  /** Gives a workspace that is there such agents. */
  async equip(workspace: TestWorkspace, wish: AgentWish = {}): Promise<void> {
    for (const [index, slug] of [...LEVELS.entries()].reverse())
      await this.agent(workspace, slug, index, wish);
  }

  /** At a level's place, or at none where `index` is beyond them. */
  async agent({ client }: TestWorkspace, slug: string, index: number, wish: AgentWish = {}): Promise<void> {
    const below = LEVELS[index + 1];
    const { status, text } = await client.write('POST', AGENTS, {
      ...{ slug, title: slug, description: `Does what its script says.`, system_prompt: 'Do it.' },
      model: { name: 'scripted', base_url: this.model.baseUrl },
      ...{ tools: ['http_request'], http_hosts: ['127.0.0.1'] },
      sub_agents: below === undefined ? [] : [below],
      ...wish,
    });
    if (status !== 201) throw new Error(`an agent was not made: ${status} ${text}`);
  }

  /** Begins a run, asking under one key until it is accepted; returns its id. */
  async begin({ client }: TestWorkspace, slug: string, payload: Script, key: string): Promise<string> {
    const id = await this.tryToBegin(client, slug, payload, key);
    if (id === undefined) throw new Error('a run was refused by a cost limit');
    return id;
  }

  /** The same; undefined where a cost limit of the key or its workspace is used up. */
  tryToBegin(client: GatewayClient, slug: string, payload: Script, key: string): Promise<string | undefined> {
    const path = `${AGENTS}/${slug}/run`;
    const headers = { prefer: 'respond-async', 'idempotency-key': key };
    let attempts = 0;
    return eventually(ACCEPT_MS_MAX, async () => {
      attempts += 1;
      if (attempts === 2) this.sentAgain += 1;
      const { status, json, text } = await client.write('POST', path, { payload }, headers);
      if (json?.code === 'usage_limit_exceeded') return undefined;
      if (status !== 202) throw new Error(`a run was not accepted: ${status} ${text}`);
      return json.run_id;
    });
  }

  /** Waits until each of the workspace's runs, sub-runs and messages too, has ended. */
  async untilAllEnded({ id }: TestWorkspace, timeoutMs: number): Promise<void> {
    const text = `SELECT count(*)::int4 AS open FROM agents.run WHERE workspace_id = $1 AND status = 'running'`;
    await eventually(timeoutMs, async () => {
      const { rows } = await this.database.query(text, [id]);
      if (rows[0].open > 0) throw new Error(`${rows[0].open} runs have not ended`);
    });
  }

  /** Waits until each call of its model is settled, those too whose process died with their run. */
  async untilAllSettled({ id }: TestWorkspace): Promise<void> {
    const text = 'SELECT run_id, call FROM agents.cost_entry WHERE workspace_id = $1 AND settled_at IS NULL';
    await eventually(SETTLED_MS_MAX, async () => {
      const { rows } = await this.database.query(text, [id]);
      if (rows.length > 0) throw new Error(`calls are not settled: ${JSON.stringify(rows)}`);
    });
  }
}
