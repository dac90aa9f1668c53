import { type ErrorCode, ProblemError } from '@magistry/errors';
import { LRUCache } from 'lru-cache';

export interface LookupCacheOptions {
  /** The refusal that is an answer and worth keeping; any other failure is forgotten at once. */
  readonly refusal: ErrorCode;
  readonly ttlMs: number;
  readonly entriesMax: number;
}

/**
 * Keeps answers and refusals of a look-up for a short time, counted from when it was asked, and joins look-ups
 * of one key that happen at once. Refusals have room of their own: a flood of unknown keys evicts no known one.
 */
export class LookupCache<Value extends object> {
  private readonly answers: LRUCache<string, Value>;
  private readonly refusals: LRUCache<string, ProblemError>;
  private readonly asked = new Map<string, Promise<Value>>();
  private forgotten = 0;

  constructor(private readonly options: LookupCacheOptions) {
    this.answers = new LRUCache({ max: options.entriesMax, ttl: options.ttlMs });
    this.refusals = new LRUCache({ max: options.entriesMax, ttl: options.ttlMs });
  }

  /** The kept answer at once, else a promise of it. Throws or rejects with the refusal. */
  lookUp(key: string, ask: () => Promise<Value>): Value | Promise<Value> {
    const answer = this.answers.get(key);
    if (answer) return answer;
    const refusal = this.refusals.get(key);
    if (refusal) throw refusal;
    const pending = this.asked.get(key);
    if (pending) return pending;
    const asking = this.askOnce(key, ask).finally(() => {
      if (this.asked.get(key) === asking) this.asked.delete(key);
    });
    this.asked.set(key, asking);
    return asking;
  }

  /** Whoever asks from now on gets an answer that was looked up from now on. */
  forget(): void {
    this.forgotten += 1;
    this.answers.clear();
    this.refusals.clear();
    this.asked.clear();
  }

  private async askOnce(key: string, ask: () => Promise<Value>): Promise<Value> {
    const start = performance.now();
    const { forgotten } = this;
    const isCurrent = () => forgotten === this.forgotten;
    try {
      const answer = await ask();
      if (isCurrent()) this.answers.set(key, answer, { start });
      return answer;
    } catch (error) {
      if (isCurrent() && error instanceof ProblemError && error.code === this.options.refusal) {
        this.refusals.set(key, error, { start });
      }
      throw error;
    }
  }
}
