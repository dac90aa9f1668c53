import { LRUCache } from 'lru-cache';

/**
 * Keeps what was read for a while, counted from when the reading began, and lets readers of one key share one
 * read. A failed read is not kept.
 */
export class JoinedReads<Value> {
  private readonly reads: LRUCache<string, Promise<Value>>;

  constructor(options: { keysMax: number; keptMs: number }) {
    this.reads = new LRUCache({ max: options.keysMax, ttl: options.keptMs });
  }

  get(key: string, read: () => Promise<Value>): Promise<Value> {
    return this.reads.get(key) ?? this.renew(key, read);
  }

  /** Reads anew whatever is kept. */
  renew(key: string, read: () => Promise<Value>): Promise<Value> {
    const reading = read();
    this.reads.set(key, reading);
    reading.catch(() => this.forget(key, reading));
    return reading;
  }

  /** Drops exactly this read, so that a newer one that another request has begun stays. */
  forget(key: string, reading: Promise<Value>): void {
    if (this.reads.peek(key) === reading) this.reads.delete(key);
  }
}
