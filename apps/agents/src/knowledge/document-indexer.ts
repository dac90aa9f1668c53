import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { EmbeddingQueue, type EmbeddingTurn } from '../storage/embedding-queue.js';
import { Embedder } from './embedder.js';

export interface IndexerOptions {
  /** A turn takes about a second; who has not ended it for so long is taken for dead. */
  readonly leaseMs: number;
  /** How often documents that another process left are looked for. */
  readonly lookEveryMs: number;
}

export const INDEXER_OPTIONS: IndexerOptions = { leaseMs: 10_000, lookEveryMs: 2_000 };

/** A question waits for no more passages than these. */
const TURN_PASSAGES = 8;

/**
 * Embeds what documents have been given, in turns of a few passages. What has no embedding yet is known from
 * Postgres alone: a process that dies leaves its turn to the others, and what was kept is not done again.
 */
@Injectable()
export class DocumentIndexer implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('document-indexer');
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;
  private isLeaving = false;
  private isAskedAgain = false;

  constructor(
    private readonly queue: EmbeddingQueue,
    private readonly embedder: Embedder,
    private readonly options: IndexerOptions,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.look(), this.options.lookEveryMs);
  }

  async onModuleDestroy(): Promise<void> {
    this.isLeaving = true;
    clearInterval(this.timer);
    await this.embedder.onModuleDestroy();
    await this.working;
  }

  /** Works until nothing is left to do; one turn at a time. */
  look(): void {
    if (this.isLeaving) return;
    this.isAskedAgain = true;
    this.working ??= this.work()
      // What could not be done now is found the next time.
      .catch((error) => this.logger.warn(error))
      .finally(() => {
        this.working = undefined;
      });
  }

  private async work(): Promise<void> {
    while (this.isAskedAgain) {
      this.isAskedAgain = false;
      while (!this.isLeaving && (await this.takeTurn()));
    }
  }

  /** False when nothing is to be done. */
  private async takeTurn(): Promise<boolean> {
    const turn = await this.queue.claim(this.options.leaseMs);
    if (!turn) return false;
    try {
      await this.embedSome(turn);
    } catch (error) {
      if (this.isLeaving) await this.queue.letGo(turn);
      // Else the lease runs out first: what broke has time to mend.
      else this.logger.warn({ ...turn, error });
    }
    return true;
  }

  private async embedSome(turn: EmbeddingTurn): Promise<void> {
    const open = await this.queue.openPassages(turn, TURN_PASSAGES + 1);
    const passages = open.slice(0, TURN_PASSAGES);
    const texts = passages.map(({ heading, content }) => (heading ? `${heading}: ${content}` : content));
    const embeddings = texts.length > 0 ? await this.embedder.embedPassages(texts) : [];
    const placed = embeddings.map((embedding, index) => ({ place: passages[index]?.place ?? 0, embedding }));
    await this.queue.keep(turn, placed, open.length <= TURN_PASSAGES);
  }
}
