import { LRUCache } from 'lru-cache';
import { untilNextUnitUs } from './bucket.js';
import { type BucketReading } from './rate-fields.js';
import type { RateRule } from './rate-table.js';

const ENTRIES_MAX = 10_000;

interface Denial {
  readonly rule: RateRule;
  readonly debtUs: number;
  readonly nowUs: number;
  /** By this process's clock, in milliseconds. */
  readonly deniedAt: number;
  readonly until: number;
}

/** Who is over a limit, and until when: refused here, so that a flood reaches neither Redis nor a body. */
export class DenyCache {
  private readonly denials = new LRUCache<string, Denial>({ max: ENTRIES_MAX });

  deny(key: string, { rule, debtUs, nowUs }: BucketReading): void {
    const deniedAt = performance.now();
    const until = deniedAt + untilNextUnitUs(rule, debtUs) / 1_000;
    this.denials.set(key, { rule, debtUs, nowUs, deniedAt, until });
  }

  /** The bucket as it stands by now while it is empty; a changed rule counts on the next request. */
  find(key: string, rule: RateRule): BucketReading | undefined {
    const denial = this.denials.get(key);
    if (!denial) return undefined;
    const now = performance.now();
    if (now >= denial.until || denial.rule !== rule) {
      this.denials.delete(key);
      return undefined;
    }
    const passedUs = Math.floor((now - denial.deniedAt) * 1_000);
    return { rule, debtUs: denial.debtUs - passedUs, nowUs: denial.nowUs + passedUs };
  }
}
