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

interface WordsRow {
  readonly documentId: number;
  readonly place: number;
  readonly wordRank: number;
}

/** A document's embeddings in one piece, those of its passages one behind the other. */
interface EmbeddingsRow {
  readonly documentId: number;
  readonly places: number[];
  readonly embeddings: Buffer;
}

const RANKED_MAX = 200;

// 1: a long passage does not rank higher only for being long.
const WORDS_SQL = `
  SELECT p.document_id AS "documentId", p.place, ts_rank(p.words, asked, 1) AS "wordRank"
  FROM document d JOIN passage p ON p.workspace_id = d.workspace_id AND p.document_id = d.id,
    websearch_to_tsquery('english', $3) AS asked
  WHERE d.workspace_id = $1 AND d.slug = $2 AND p.words @@ asked
  ORDER BY "wordRank" DESC, p.document_id, p.place LIMIT ${RANKED_MAX}`;

// One value a document, not a row a passage.
const EMBEDDINGS_SQL = `
  SELECT p.document_id AS "documentId", array_agg(p.place ORDER BY p.place) AS places,
    string_agg(p.embedding, ''::bytea ORDER BY p.place) AS embeddings
  FROM document d JOIN passage p ON p.workspace_id = d.workspace_id AND p.document_id = d.id
  WHERE d.workspace_id = $1 AND d.slug = $2 AND p.embedding IS NOT NULL
  GROUP BY p.document_id`;

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
    const query = { name: 'has-documents', text: EXISTS_SQL, values: [workspaceId, slug] };
    const [row] = await this.database.across.query<{ hasAny: boolean }>(query);
    return row?.hasAny ?? false;
  }

  /**
   * The agent's passages that have some of the words, or an embedding, with how well they fit. `words` is what
   * websearch_to_tsquery reads; without an embedding of the question nothing is near it.
   */
  candidates(
    { workspaceId, slug }: AgentKey,
    words: string,
    question: Embedding | undefined,
  ): Promise<Candidate[]> {
    const agent = [workspaceId, slug];
    return this.database.transactionIn(workspaceId, async (transaction) => {
      const withWords = { text: WORDS_SQL, values: [...agent, words] };
      const ranked = await transaction.query<WordsRow>(withWords);
      if (!question) return ranked.map((row) => ({ ...row, similarity: null }));
      const embedded = { text: EMBEDDINGS_SQL, values: agent };
      return candidatesOf(ranked, await transaction.query<EmbeddingsRow>(embedded), question);
    });
  }

  /** What was deleted meanwhile is left out. */
  texts(workspaceId: number, passages: readonly Pick<Candidate, 'documentId' | 'place'>[]) {
    const documentIds = passages.map(({ documentId }) => documentId);
    const places = passages.map(({ place }) => place);
    const query = { text: TEXTS_SQL, values: [workspaceId, documentIds, places] };
    return this.database.query<FoundText>(workspaceId, query);
  }
}

function candidatesOf(
  ranked: readonly WordsRow[],
  documents: readonly EmbeddingsRow[],
  question: Embedding,
): Candidate[] {
  const unembedded = new Map(ranked.map((row) => [`${row.documentId}.${row.place}`, row]));
  const candidates: Candidate[] = [];
  for (const { documentId, places, embeddings } of documents) {
    const axes = embeddings.length / places.length;
    places.forEach((place, index) => {
      const key = `${documentId}.${place}`;
      const embedding = new Int8Array(embeddings.buffer, embeddings.byteOffset + index * axes, axes);
      const wordRank = unembedded.get(key)?.wordRank ?? 0;
      candidates.push({ documentId, place, wordRank, similarity: similarity(question, embedding) });
      unembedded.delete(key);
    });
  }
  return [...candidates, ...[...unembedded.values()].map((row) => ({ ...row, similarity: null }))];
}
