import { Injectable } from '@nestjs/common';
import { type Embedding, similarity } from '../domain/knowledge/embedding.js';
import type { Candidate } from '../domain/knowledge/ranking.js';
import { Database } from './database.js';
import type { AgentKey } from './document-store.js';

/** What is shown of a passage that was found. */
export interface FoundText {
  readonly documentId: number;
  readonly place: number;
  readonly name: string;
  readonly heading: string;
  readonly content: string;
}

interface CandidateRow {
  readonly documentId: number;
  readonly place: number;
  readonly embedding: Buffer | null;
  readonly wordRank: number;
}

// 1: a long passage does not rank higher only for being long.
const CANDIDATES_SQL = `
  SELECT p.document_id AS "documentId", p.place, p.embedding,
    CASE WHEN p.words @@ asked THEN ts_rank(p.words, asked, 1) ELSE 0 END AS "wordRank"
  FROM document d JOIN passage p ON p.workspace_id = d.workspace_id AND p.document_id = d.id,
    websearch_to_tsquery('english', $3) AS asked
  WHERE d.workspace_id = $1 AND d.slug = $2`;

const TEXTS_SQL = `
  SELECT p.document_id AS "documentId", p.place, d.name, p.heading, p.content
  FROM unnest($2::int4[], $3::int4[]) AS found (document_id, place)
    JOIN passage p ON p.workspace_id = $1 AND p.document_id = found.document_id AND p.place = found.place
    JOIN document d ON d.workspace_id = $1 AND d.id = p.document_id`;

const EXISTS_SQL = 'SELECT EXISTS (SELECT FROM document WHERE workspace_id = $1 AND slug = $2) AS "hasAny"';

/** Passages as searches see them: those of the agent's workspace, whoever executes the run. */
@Injectable()
export class PassageStore {
  constructor(private readonly database: Database) {}

  async hasAny({ workspaceId, slug }: AgentKey): Promise<boolean> {
    const query = { text: EXISTS_SQL, values: [workspaceId, slug] };
    const [row] = await this.database.query<{ hasAny: boolean }>(workspaceId, query);
    return row?.hasAny ?? false;
  }

  /**
   * Every passage of the agent with how well it fits. `words` is what websearch_to_tsquery reads; without an
   * embedding of the question nothing is near it.
   */
  async candidates(
    { workspaceId, slug }: AgentKey,
    words: string,
    question: Embedding | undefined,
  ): Promise<Candidate[]> {
    const query = { text: CANDIDATES_SQL, values: [workspaceId, slug, words] };
    const rows = await this.database.query<CandidateRow>(workspaceId, query);
    return rows.map(({ embedding, ...row }) => ({
      ...row,
      similarity: question && embedding ? similarity(question, signed(embedding)) : null,
    }));
  }

  /** What was deleted meanwhile is left out. */
  texts(workspaceId: number, passages: readonly Pick<Candidate, 'documentId' | 'place'>[]) {
    const documentIds = passages.map(({ documentId }) => documentId);
    const places = passages.map(({ place }) => place);
    const query = { text: TEXTS_SQL, values: [workspaceId, documentIds, places] };
    return this.database.query<FoundText>(workspaceId, query);
  }
}

function signed(bytes: Buffer): Embedding {
  return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
