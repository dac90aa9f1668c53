import { bytesColumn, integerColumn } from '@magistry/persistence';
import { Injectable } from '@nestjs/common';
import type { Embedding } from '../domain/knowledge/embedding.js';
import type { Passage } from '../domain/knowledge/passages.js';
import { Database } from './database.js';

/** A document that is this process's to embed for a while. */
export interface EmbeddingTurn {
  readonly workspaceId: number;
  readonly documentId: number;
  readonly epoch: number;
}

export interface PlacedPassage extends Passage {
  readonly place: number;
}

export interface PlacedEmbedding {
  readonly place: number;
  readonly embedding: Embedding;
}

const ATTEMPTS_MAX = 5;

// Whose turn was longest ago comes first, so that a long document holds no short one up; a document that nobody
// could embed any of for so many turns is given up, and found by its words alone.
const CLAIM_SQL = `
  UPDATE document SET epoch = epoch + 1, attempts = attempts + 1,
    status = CASE WHEN attempts >= ${ATTEMPTS_MAX} THEN 'failed' ELSE status END,
    leased_until = now() + $1 * interval '1 millisecond'
  WHERE (workspace_id, id) = (
    SELECT workspace_id, id FROM document
    WHERE status = 'indexing' AND (leased_until IS NULL OR leased_until < now())
    ORDER BY embedded_at NULLS FIRST, id LIMIT 1 FOR UPDATE SKIP LOCKED)
  RETURNING workspace_id AS "workspaceId", id AS "documentId", epoch, status`;

const OPEN_SQL = `
  SELECT place, heading, content FROM passage
  WHERE workspace_id = $1 AND document_id = $2 AND embedding IS NULL ORDER BY place LIMIT $3`;

// The epoch fences a process whose turn was given to another; of a deleted document nothing is written.
const KEEP_SQL = `
  WITH turn AS (
    UPDATE document SET leased_until = NULL, attempts = 0, embedded_at = now(), status = $4
    WHERE workspace_id = $1 AND id = $2 AND epoch = $3 AND status = 'indexing' RETURNING id
  )
  UPDATE passage p SET embedding = e.embedding
  FROM turn, unnest($5::int4[], $6::bytea[]) AS e (place, embedding)
  WHERE p.workspace_id = $1 AND p.document_id = $2 AND p.place = e.place`;

const LET_GO_SQL = `
  UPDATE document SET leased_until = NULL, attempts = attempts - 1
  WHERE workspace_id = $1 AND id = $2 AND epoch = $3 AND status = 'indexing'`;

/** Passages without an embedding are the work; documents lease it out in turns. */
@Injectable()
export class EmbeddingQueue {
  constructor(private readonly database: Database) {}

  /** The next document in need of embeddings, this process's for `leaseMs`; undefined when there is none. */
  async claim(leaseMs: number): Promise<EmbeddingTurn | undefined> {
    for (;;) {
      const query = { text: CLAIM_SQL, values: [leaseMs] };
      const [row] = await this.database.across.query<EmbeddingTurn & { status: string }>(query);
      if (row === undefined || row.status === 'indexing') return row;
    }
  }

  async openPassages({ workspaceId, documentId }: EmbeddingTurn, limit: number): Promise<PlacedPassage[]> {
    const query = { text: OPEN_SQL, values: [workspaceId, documentId, limit] };
    return this.database.across.query<PlacedPassage>(query);
  }

  /** Ends the turn. Nothing is kept when it has become another process's, or its document is gone. */
  async keep(
    { workspaceId, documentId, epoch }: EmbeddingTurn,
    embeddings: readonly PlacedEmbedding[],
    isLast: boolean,
  ): Promise<void> {
    const columns = [
      integerColumn(embeddings.map(({ place }) => place)),
      bytesColumn(embeddings.map(({ embedding }) => new Uint8Array(embedding.buffer))),
    ];
    const values = [workspaceId, documentId, epoch, isLast ? 'ready' : 'indexing', ...columns];
    await this.database.across.query({ text: KEEP_SQL, values });
  }

  /** Another process goes on at once; the turn counts as none. */
  async letGo({ workspaceId, documentId, epoch }: EmbeddingTurn): Promise<void> {
    const values = [workspaceId, documentId, epoch];
    await this.database.across.query({ text: LET_GO_SQL, values });
  }
}
