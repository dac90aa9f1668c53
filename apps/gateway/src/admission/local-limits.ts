import { LRUCache } from 'lru-cache';
import { carriedDebtUs, takeUnits } from './bucket.js';
import type { BucketReading } from './rate-fields.js';
import type { RateRule } from './rate-table.js';

const BUCKETS_MAX = 100_000;

/** Limits without Redis: the share of each bucket that falls to one of `gateways` live processes. */
export class LocalLimits {
  private readonly buckets = new LRUCache<string, { fullUs: number; intervalUs: number }>({
    max: BUCKETS_MAX,
  });
  private shares = new WeakMap<RateRule, RateRule>();
  private live = 1;

  constructor(private readonly nowUs: () => number = () => Date.now() * 1_000) {}

  set gateways(live: number) {
    if (live === this.live) return;
    this.live = live;
    this.shares = new WeakMap();
  }

  /** What Redis last said: without it, counting goes on from there. Time until full is the share's too. */
  remember(key: string, { rule, debtUs }: BucketReading): void {
    const { intervalUs } = this.shareOf(rule);
    this.buckets.set(key, { fullUs: this.nowUs() + debtUs, intervalUs });
  }

  /** `units` is 1, or 0 to look only. */
  take(key: string, rule: RateRule, units: 0 | 1): { isTaken: boolean; reading: BucketReading } {
    const share = this.shareOf(rule);
    const nowUs = this.nowUs();
    const bucket = this.buckets.get(key);
    const before = bucket ? carriedDebtUs(share, Math.max(0, bucket.fullUs - nowUs), bucket.intervalUs) : 0;
    const { taken, debtUs } = takeUnits(share, before, units);
    if (taken > 0) this.buckets.set(key, { fullUs: nowUs + debtUs, intervalUs: share.intervalUs });
    return { isTaken: taken > 0, reading: { rule: share, debtUs, nowUs } };
  }

  // What is published stays the whole limit; what is left is counted in the share.
  private shareOf(rule: RateRule): RateRule {
    const known = this.shares.get(rule);
    if (known) return known;
    const share = {
      ...rule,
      capacity: Math.max(1, Math.floor(rule.capacity / this.live)),
      intervalUs: rule.intervalUs * this.live,
    };
    this.shares.set(rule, share);
    return share;
  }
}
