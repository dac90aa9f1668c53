import type { SchemaCheck } from '@magistry/contracts';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { compileSchema } from '../domain/events/registered-schema.js';
import { Database, type Queryable } from './database.js';

export interface RegisteredKind {
  readonly type: string;
  readonly version: number;
  readonly schema: Record<string, unknown>;
  readonly example: unknown;
}

const COMPILED_MAX = 500;
const NEWEST_SQL = `
  SELECT DISTINCT ON (type) type, version, schema, example FROM event_type
  WHERE workspace_id = $1 AND ($2::text IS NULL OR type = $2) ORDER BY type, version DESC`;
const LOCK_SQL = `SELECT pg_advisory_xact_lock(hashtext('event_type'), $1)`;
const INSERT_SQL = `
  INSERT INTO event_type (workspace_id, type, version, schema, example, created_at) VALUES ($1, $2, $3, $4, $5, $6)`;

/** Kinds that workspaces have registered, and their compiled schemas. A version never changes. */
@Injectable()
export class EventTypes {
  private readonly compiled = new LRUCache<string, SchemaCheck>({ max: COMPILED_MAX });

  constructor(private readonly database: Database) {}

  /** The newest version of each kind, by name. */
  list(workspaceId: number): Promise<RegisteredKind[]> {
    return this.database
      .readsIn(workspaceId)
      .query<RegisteredKind>({ text: NEWEST_SQL, values: [workspaceId, null] });
  }

  async newest(on: Queryable, workspaceId: number, type: string): Promise<RegisteredKind | undefined> {
    const [kind] = await on.query<RegisteredKind>({ text: NEWEST_SQL, values: [workspaceId, type] });
    return kind;
  }

  /** The next version, or the newest as it is when nothing differs. */
  async register(
    transaction: Queryable,
    workspaceId: number,
    wanted: Omit<RegisteredKind, 'version'>,
    now: Date,
  ): Promise<RegisteredKind> {
    await transaction.query({ text: LOCK_SQL, values: [workspaceId] });
    const newest = await this.newest(transaction, workspaceId, wanted.type);
    if (newest && sameJson(newest, wanted)) return newest;
    const kind = { ...wanted, version: (newest?.version ?? 0) + 1 };
    const [schema, example] = [JSON.stringify(kind.schema), JSON.stringify(kind.example ?? null)];
    const values = [workspaceId, kind.type, kind.version, schema, example, now];
    await transaction.query({ text: INSERT_SQL, values });
    return kind;
  }

  validator(workspaceId: number, { type, version, schema }: RegisteredKind): SchemaCheck {
    const key = `${workspaceId} ${type} ${version}`;
    const known = this.compiled.get(key);
    if (known) return known;
    const check = compileSchema(schema);
    this.compiled.set(key, check);
    return check;
  }
}

function sameJson(one: Omit<RegisteredKind, 'version'>, other: Omit<RegisteredKind, 'version'>): boolean {
  const text = ({ schema, example }: Omit<RegisteredKind, 'version'>) =>
    JSON.stringify([schema, example ?? null]);
  return text(one) === text(other);
}
