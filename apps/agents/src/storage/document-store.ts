import { type ListPage, type ListQuery, ListReader, type ListSource } from '@magistry/lists';
import { integerColumn, textColumn } from '@magistry/persistence';
import { Injectable } from '@nestjs/common';
import type { Passage } from '../domain/knowledge/passages.js';
import { Database, type Queryable } from './database.js';

/** What an agent has been given to answer from. */
export interface AgentDocument {
  readonly id: number;
  /** Of its agent. */
  readonly slug: string;
  readonly name: string;
  readonly status: 'indexing' | 'ready' | 'failed';
  readonly characters: number;
  /** How many it was cut into. */
  readonly passages: number;
  readonly createdAt: Date;
}

/** Whose documents. */
export interface AgentKey {
  readonly workspaceId: number;
  readonly slug: string;
}

export interface NewDocument {
  readonly name: string;
  readonly contentHash: Buffer;
  readonly characters: number;
  readonly passages: readonly Passage[];
  readonly createdAt: Date;
}

const COLUMNS = `d.id, d.slug, d.name, d.status, d.characters, d.passages, d.created_at AS "createdAt"`;
const OF_AGENT = 'd.workspace_id = $1 AND d.slug = $2';

const SOURCE: ListSource = {
  select: COLUMNS,
  from: 'document d',
  key: 'd.id',
  columns: { id: 'd.id', name: 'd.name', created_at: `date_trunc('second', d.created_at)` },
  statuses: {
    indexing: `d.status = 'indexing'`,
    ready: `d.status = 'ready'`,
    failed: `d.status = 'failed'`,
  },
  searched: ['d.name'],
};

const FIND_SQL = `SELECT ${COLUMNS} FROM document d WHERE ${OF_AGENT} AND d.id = $3`;
const FIND_CONTENT_SQL = `SELECT ${COLUMNS} FROM document d WHERE ${OF_AGENT} AND d.content_hash = $3`;
const COUNT_SQL = `SELECT coalesce(sum(d.passages), 0)::int4 AS passages FROM document d WHERE ${OF_AGENT}`;

const INSERT_SQL = `
  INSERT INTO document AS d (workspace_id, slug, name, content_hash, characters, passages, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${COLUMNS}`;
const INSERT_PASSAGES_SQL = `
  INSERT INTO passage (workspace_id, document_id, place, heading, content)
  SELECT $1, $2, * FROM unnest($3::int4[], $4::text[], $5::text[])`;

const DELETE_SQL = `DELETE FROM document d WHERE ${OF_AGENT} AND d.id = $3 RETURNING d.id`;
const DELETE_ALL_SQL = `DELETE FROM document d WHERE ${OF_AGENT}`;

/** Documents as requests see them: those of their workspace. */
@Injectable()
export class DocumentStore {
  private readonly reader = new ListReader<AgentDocument>(SOURCE);

  constructor(private readonly database: Database) {}

  list({ workspaceId, slug }: AgentKey, query: ListQuery): Promise<ListPage<AgentDocument>> {
    const reads = {
      query: <Found extends object>(statement: { text: string; values: unknown[] }) =>
        this.database.query<Found>(workspaceId, statement),
    };
    return this.reader.read(reads, { condition: OF_AGENT, values: [workspaceId, slug] }, query);
  }

  async find({ workspaceId, slug }: AgentKey, id: number): Promise<AgentDocument | undefined> {
    const query = { text: FIND_SQL, values: [workspaceId, slug, id] };
    return (await this.database.query<AgentDocument>(workspaceId, query))[0];
  }

  async findContent(transaction: Queryable, { workspaceId, slug }: AgentKey, contentHash: Buffer) {
    const query = { text: FIND_CONTENT_SQL, values: [workspaceId, slug, contentHash] };
    return (await transaction.query<AgentDocument>(query))[0];
  }

  async countPassages(transaction: Queryable, { workspaceId, slug }: AgentKey): Promise<number> {
    const query = { text: COUNT_SQL, values: [workspaceId, slug] };
    return (await transaction.query<{ passages: number }>(query))[0]?.passages ?? 0;
  }

  /** With its passages, which are to be embedded. */
  async insert(
    transaction: Queryable,
    { workspaceId, slug }: AgentKey,
    wanted: NewDocument,
  ): Promise<AgentDocument> {
    const { name, contentHash, characters, passages, createdAt } = wanted;
    const values = [workspaceId, slug, name, contentHash, characters, passages.length, createdAt];
    const [made] = await transaction.query<AgentDocument>({ text: INSERT_SQL, values });
    if (!made) throw new Error('an insert gave no row');
    const columns = [
      integerColumn(passages.map((_, index) => index + 1)),
      textColumn(passages.map(({ heading }) => heading)),
      textColumn(passages.map(({ content }) => content)),
    ];
    await transaction.query({ text: INSERT_PASSAGES_SQL, values: [workspaceId, made.id, ...columns] });
    return made;
  }

  /** False when there is no such document. */
  async delete(transaction: Queryable, { workspaceId, slug }: AgentKey, id: number): Promise<boolean> {
    const values = [workspaceId, slug, id];
    return (await transaction.query({ text: DELETE_SQL, values })).length > 0;
  }

  async deleteAll(transaction: Queryable, { workspaceId, slug }: AgentKey): Promise<void> {
    await transaction.query({ text: DELETE_ALL_SQL, values: [workspaceId, slug] });
  }
}
