import type { Success } from '@magistry/contracts';
import { LRUCache } from 'lru-cache';
import type { Exchange } from './exchange.js';

const KEPT_BYTES_MAX = 32 * 1024 * 1024;
/** A long page is read once, by a sync that goes on behind it. */
const ANSWER_BYTES_MAX = 128 * 1024;
/** A service that was deployed anew shows how it renders now, also where nothing else has changed. */
const KEPT_MS = 60_000;
const NOT_MODIFIED = 304;

/**
 * Answers with an etag, of operations that are revalidated. None is given again before its service said, on this very
 * request, that it still holds: what is saved is to make it and to carry it.
 */
export class KeptAnswers {
  private readonly answers = new LRUCache<string, Success>({
    maxSize: KEPT_BYTES_MAX,
    maxEntrySize: ANSWER_BYTES_MAX,
    sizeCalculation: ({ body }, key) => body.length + 2 * key.length + 1,
    ttl: KEPT_MS,
  });

  /** Asks with the etag of what is kept; gives that where the service stands by it, else what it answers now. */
  async ask(
    exchange: Exchange,
    headers: Record<string, string>,
    ask: (headers: Record<string, string>) => Promise<Success>,
  ): Promise<Success> {
    if (!exchange.operation.isRevalidated) return ask(headers);
    const key = keyOf(exchange);
    const kept = this.answers.get(key);
    const success = await ask(kept ? { ...headers, 'if-none-match': kept.etag } : headers);
    if (kept && success.status === NOT_MODIFIED) return kept;
    // A copy: the bytes of a message are a part of what the connection has read with it.
    if (success.etag !== '') this.answers.set(key, { ...success, body: Uint8Array.from(success.body) });
    return success;
  }
}

function keyOf({ operation, workspace, apiVersion, path, query }: Exchange): string {
  return `${operation.name} ${workspace.id} ${apiVersion} ${path}?${query}`;
}
