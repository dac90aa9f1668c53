import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { type Embedding, quantized } from '../domain/knowledge/embedding.js';
import type { EmbeddingReply, EmbeddingRequest } from './embedding-worker.js';

/** More than so many texts waiting is more than can be answered in time. */
const WAITING_MAX = 64;
// Beside this file, whether it runs from its source or built.
const WORKER_FILE = new URL(`./embedding-worker${extname(import.meta.url)}`, import.meta.url);

/** The model's thread is busy, leaving or broken: what needs an embedding goes on without it, or later. */
class EmbeddingUnavailable extends Error {}

interface Task {
  readonly texts: readonly string[];
  readonly resolve: (embeddings: Embedding[]) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Embeddings of English text, by a model that comes with an npm package, in a thread of its own. The thread, about
 * 200 MB, starts with the first text; one that breaks is replaced with the next. Questions go before documents.
 */
@Injectable()
export class Embedder implements OnModuleDestroy {
  private worker: Worker | undefined;
  private current: Task | undefined;
  private readonly questions: Task[] = [];
  private readonly documents: Task[] = [];
  private isLeaving = false;

  /** Throws `EmbeddingUnavailable`. */
  async embedQuestion(text: string): Promise<Embedding> {
    const [embedding] = await this.embed([text], this.questions);
    if (!embedding) throw new EmbeddingUnavailable('the model gave nothing');
    return embedding;
  }

  /** One for each text, in their order; no text is empty. Throws `EmbeddingUnavailable`. */
  embedPassages(texts: readonly string[]): Promise<Embedding[]> {
    return this.embed(texts, this.documents);
  }

  async onModuleDestroy(): Promise<void> {
    this.isLeaving = true;
    this.giveUp('the process leaves');
    for (const { reject } of [...this.questions.splice(0), ...this.documents.splice(0)])
      reject(new EmbeddingUnavailable('the process leaves'));
    await this.worker?.terminate();
  }

  private embed(texts: readonly string[], queue: Task[]): Promise<Embedding[]> {
    if (this.isLeaving || queue.length >= WAITING_MAX)
      return Promise.reject(new EmbeddingUnavailable('too many texts are waiting'));
    return new Promise((resolve, reject) => {
      queue.push({ texts, resolve, reject });
      this.next();
    });
  }

  private next(): void {
    if (this.current) return;
    this.current = this.questions.shift() ?? this.documents.shift();
    if (!this.current) return;
    this.worker ??= this.start();
    this.worker.postMessage({ texts: this.current.texts } satisfies EmbeddingRequest);
  }

  private start(): Worker {
    const worker = new Worker(WORKER_FILE);
    // Only who waits for an embedding keeps the process alive.
    worker.unref();
    worker.on('message', (reply: EmbeddingReply) => this.answer(reply));
    worker.on('error', (error) => this.giveUp(String(error)));
    worker.on('exit', () => {
      if (this.worker === worker) this.worker = undefined;
      this.giveUp('its thread has ended');
      if (!this.isLeaving) this.next();
    });
    return worker;
  }

  private answer(reply: EmbeddingReply): void {
    const task = this.current;
    this.current = undefined;
    if ('directions' in reply) task?.resolve(reply.directions.map(quantized));
    else task?.reject(new EmbeddingUnavailable(reply.fault));
    this.next();
  }

  private giveUp(why: string): void {
    this.current?.reject(new EmbeddingUnavailable(why));
    this.current = undefined;
  }
}
