import { Injectable, Logger } from '@nestjs/common';
import { type FoundPassage, markerOf } from '../domain/knowledge/citations.js';
import type { Embedding } from '../domain/knowledge/embedding.js';
import { queryOf } from '../domain/knowledge/query.js';
import { fused } from '../domain/knowledge/ranking.js';
import type { AgentKey } from '../storage/document-store.js';
import { type FoundText, PassageStore } from '../storage/passage-store.js';
import { Embedder } from './embedder.js';

/** Behind documents and other questions the model is waited for so long; then words have to do. */
const EMBEDDING_WAIT_MS = 3_000;
const SCORE_DECIMALS = 4;

/** Finds what an agent's documents say about a question: by its words and by its meaning, fused. */
@Injectable()
export class DocumentSearch {
  private readonly logger = new Logger('document-search');

  constructor(
    private readonly passages: PassageStore,
    private readonly embedder: Embedder,
  ) {}

  /** The best first; empty where nothing fits. */
  async find(agent: AgentKey, question: string, limit: number): Promise<FoundPassage[]> {
    const embedding = await this.embeddingOf(question);
    const candidates = await this.passages.candidates(agent, queryOf(question), embedding);
    const best = fused(candidates).slice(0, limit);
    const found = await this.passages.texts(agent.workspaceId, best);
    const texts = new Map(found.map((text) => [markerOf(text), text]));
    return best.flatMap((ranked) => {
      const text = texts.get(markerOf(ranked));
      return text ? [passageOf(text, ranked.score)] : [];
    });
  }

  /** Undefined where the model has no time: a search by words is better than none. */
  private async embeddingOf(question: string): Promise<Embedding | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), EMBEDDING_WAIT_MS);
    });
    const embedded = this.embedder.embedQuestion(question).catch((error) => {
      this.logger.warn(error);
      return undefined;
    });
    const embedding = await Promise.race([embedded, late]);
    clearTimeout(timer);
    return embedding;
  }
}

function passageOf({ documentId, place, name, heading, content }: FoundText, score: number): FoundPassage {
  return {
    marker: markerOf({ documentId, place }),
    document_id: documentId,
    name,
    heading: heading || null,
    passage: content,
    score: Number(score.toFixed(SCORE_DECIMALS)),
  };
}
