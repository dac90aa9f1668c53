/** Remembers which deliveries were taken, so that each is handled once. */
export interface ReplayCache {
  /** True for the first caller with this id; false for those after it, until `untilUnixMs`. */
  claim(id: string, untilUnixMs: number): boolean | Promise<boolean>;
  /** Handling failed: the next attempt of this id may be handled. */
  release(id: string): void | Promise<void>;
}

const IDS_MAX = 100_000;

/** For a receiver of one process; several share a `ReplayCache` over their database or Redis instead. */
export class MemoryReplayCache implements ReplayCache {
  private readonly until = new Map<string, number>();

  /** Over `idsMax` ids the oldest are forgotten. */
  constructor(
    private readonly now: () => number = Date.now,
    private readonly idsMax = IDS_MAX,
  ) {}

  claim(id: string, untilUnixMs: number): boolean {
    const known = this.until.get(id);
    if (known !== undefined && known > this.now()) return false;
    // A Map keeps the order of insertion, which is that of age.
    this.until.delete(id);
    this.until.set(id, untilUnixMs);
    this.forget();
    return true;
  }

  release(id: string): void {
    this.until.delete(id);
  }

  private forget(): void {
    for (const [id, until] of this.until) {
      if (this.until.size <= this.idsMax && until > this.now()) return;
      this.until.delete(id);
    }
  }
}
