import { LRUCache } from 'lru-cache';
import type { LedgerEnd } from './ledger-ends.js';

const KEPT_BYTES_MAX = 32 * 1024 * 1024;
/** A long page is read once, by a sync that goes on behind it. */
const PAGE_BYTES_MAX = 128 * 1024;

interface KeptPage {
  readonly ledgerEnd: LedgerEnd;
  readonly bytes: Uint8Array;
}

/** Answered pages with where their ledger ended in their snapshot: they are good as long as it ends there. */
export class PageMemory {
  private readonly pages = new LRUCache<string, KeptPage>({
    maxSize: KEPT_BYTES_MAX,
    maxEntrySize: PAGE_BYTES_MAX,
    sizeCalculation: ({ bytes }, key) => bytes.length + 2 * key.length,
  });

  has(key: string): boolean {
    return this.pages.has(key);
  }

  get(key: string, ledgerEnd: LedgerEnd): Uint8Array | undefined {
    const kept = this.pages.get(key);
    return kept?.ledgerEnd === ledgerEnd ? kept.bytes : undefined;
  }

  keep(key: string, page: KeptPage): void {
    this.pages.set(key, page);
  }
}
