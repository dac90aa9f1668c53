import type { AgentDefinition } from '@magistry/contracts';
import type { SecretSeal } from '@magistry/persistence';
import { Database, type Queryable } from './database.js';

/** A workspace's own version of an agent, or that it has removed one. */
export interface OwnAgent {
  readonly slug: string;
  readonly definition: AgentDefinition;
  readonly isRemoved: boolean;
}

/** What is known of the key of an agent's model; undefined leaves it as it is. */
export type WrittenKey = string | null | undefined;

const SELECT = 'SELECT slug, definition, is_removed AS "isRemoved" FROM agent';
const LIST_SQL = `${SELECT} WHERE workspace_id = $1 AND ($2::text[] IS NULL OR slug = ANY($2)) ORDER BY slug`;
// Changes of one workspace's agents come one after the other: whether one refers to another holds for both.
const LOCK_SQL = `SELECT pg_advisory_xact_lock(hashtext('agents.agent'), $1)`;

const SAVE_SQL = `
  INSERT INTO agent AS own (workspace_id, slug, definition, is_removed, sealed_model_key, changed_at)
  VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (workspace_id, slug) DO UPDATE SET definition = excluded.definition,
    is_removed = excluded.is_removed, changed_at = excluded.changed_at,
    sealed_model_key = CASE WHEN $7 THEN own.sealed_model_key ELSE excluded.sealed_model_key END`;

const KEY_SQL = `
  SELECT definition -> 'model' ->> 'base_url' AS "baseUrl", sealed_model_key AS "sealedKey"
  FROM agent WHERE workspace_id = $1 AND slug = $2`;

const FORGET_KEYS_SQL = `
  UPDATE agent SET sealed_model_key = NULL
  WHERE is_removed AND changed_at < $1 AND sealed_model_key IS NOT NULL`;
const FORGET_SQL = 'DELETE FROM agent WHERE is_removed AND changed_at < $1 AND slug <> ALL($2::text[])';

/** What workspaces made of agents, and the keys of their models, sealed. */
export class AgentStore {
  constructor(
    private readonly database: Database,
    private readonly seal: SecretSeal,
  ) {}

  /** All of them, or those of these slugs; by itself, or within a transaction. */
  list(workspaceId: number, slugs?: readonly string[], within?: Queryable): Promise<OwnAgent[]> {
    return (within ?? this.database.readsIn(workspaceId)).query<OwnAgent>(listed(workspaceId, slugs));
  }

  /** All of them; they stay so until the transaction ends. */
  async lock(transaction: Queryable, workspaceId: number): Promise<OwnAgent[]> {
    await transaction.query({ text: LOCK_SQL, values: [workspaceId] });
    return transaction.query<OwnAgent>(listed(workspaceId));
  }

  async save(
    transaction: Queryable,
    workspaceId: number,
    { slug, definition, isRemoved }: OwnAgent,
    key: WrittenKey,
    now: Date,
  ): Promise<void> {
    const sealed = typeof key === 'string' ? this.seal.seal(placeOf(workspaceId, slug), key) : null;
    const agent = [workspaceId, slug, JSON.stringify(definition), isRemoved, sealed, now];
    await transaction.query({ text: SAVE_SQL, values: [...agent, key === undefined] });
  }

  /**
   * The key of the agent's model at `baseUrl`, also of an agent that was removed while a run goes on. Null where it
   * has none; undefined where its model is elsewhere by now, and the key is that one's.
   */
  async modelKey(workspaceId: number, slug: string, baseUrl: string): Promise<string | null | undefined> {
    const rows = await this.database.across.query<{ baseUrl: string | null; sealedKey: Buffer | null }>({
      text: KEY_SQL,
      values: [workspaceId, slug],
    });
    const [row] = rows;
    if (!row) return null;
    if (row.baseUrl !== baseUrl) return undefined;
    return row.sealedKey && this.seal.open(placeOf(workspaceId, slug), row.sealedKey).toString();
  }

  /** Forgets what was removed before: its key, and the agent itself unless it hides one of these. */
  async forgetRemoved(before: Date, shippedSlugs: readonly string[]): Promise<void> {
    await this.database.across.query({ text: FORGET_KEYS_SQL, values: [before] });
    await this.database.across.query({ text: FORGET_SQL, values: [before, shippedSlugs] });
  }
}

function listed(workspaceId: number, slugs?: readonly string[]) {
  return { name: 'list-agents', text: LIST_SQL, values: [workspaceId, slugs ?? null] };
}

function placeOf(workspaceId: number, slug: string): string {
  return `model-key:${workspaceId}:${slug}`;
}
