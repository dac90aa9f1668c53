interface Waiting<Entry, Result> {
  readonly entry: Entry;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/** One round trip at a time for each key: entries that come meanwhile leave together with the next one. */
export class Gatherer<Entry, Result> {
  private readonly queues = new Map<string, Waiting<Entry, Result>[]>();

  /** `send` answers its entries in their order. A failure is the failure of all that went together. */
  constructor(
    private readonly send: (key: string, entries: readonly Entry[]) => Promise<readonly Result[]>,
    private readonly entriesMax: number,
  ) {}

  add(key: string, entry: Entry): Promise<Result> {
    return new Promise((resolve, reject) => {
      const waiting = { entry, resolve, reject };
      const queue = this.queues.get(key);
      if (queue) {
        queue.push(waiting);
        return;
      }
      const started = [waiting];
      this.queues.set(key, started);
      void this.drain(key, started);
    });
  }

  private async drain(key: string, queue: Waiting<Entry, Result>[]): Promise<void> {
    while (queue.length > 0) await this.sendTogether(key, queue.splice(0, this.entriesMax));
    this.queues.delete(key);
  }

  private async sendTogether(key: string, group: readonly Waiting<Entry, Result>[]): Promise<void> {
    try {
      const results = await this.send(
        key,
        group.map(({ entry }) => entry),
      );
      for (const [index, waiting] of group.entries()) waiting.resolve(results[index] as Result);
    } catch (error) {
      for (const waiting of group) waiting.reject(error);
    }
  }
}
