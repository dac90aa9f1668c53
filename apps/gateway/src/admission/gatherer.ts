interface Waiting<Entry, Result> {
  readonly entry: Entry;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

interface Queue<Entry, Result> {
  readonly key: string;
  waiting: Waiting<Entry, Result>[];
  tripsOut: number;
  isScheduled: boolean;
}

/** While so many are out, what comes for the same key waits and leaves together. */
const TRIPS_MAX = 4;

/** Entries of one key that arrive in one turn of the event loop, or while trips are out, travel together. */
export class Gatherer<Entry, Result> {
  private readonly queues = new Map<string, Queue<Entry, Result>>();

  /** `send` answers its entries in their order. A failure is the failure of all that went together. */
  constructor(
    private readonly send: (entries: readonly Entry[]) => Promise<readonly Result[]>,
    private readonly entriesMax: number,
  ) {}

  add(key: string, entry: Entry): Promise<Result> {
    return new Promise((resolve, reject) => {
      const queue = this.queues.get(key) ?? this.open(key);
      queue.waiting.push({ entry, resolve, reject });
      this.schedule(queue);
    });
  }

  private open(key: string): Queue<Entry, Result> {
    const queue = { key, waiting: [], tripsOut: 0, isScheduled: false };
    this.queues.set(key, queue);
    return queue;
  }

  // After the turn in which they are read, requests of all connections are there.
  private schedule(queue: Queue<Entry, Result>): void {
    if (queue.isScheduled || queue.tripsOut >= TRIPS_MAX) return;
    queue.isScheduled = true;
    setImmediate(() => {
      queue.isScheduled = false;
      void this.travel(queue);
    });
  }

  private async travel(queue: Queue<Entry, Result>): Promise<void> {
    const group = queue.waiting.splice(0, this.entriesMax);
    queue.tripsOut += 1;
    if (queue.waiting.length > 0) this.schedule(queue);
    try {
      const results = await this.send(group.map(({ entry }) => entry));
      for (const [index, waiting] of group.entries()) waiting.resolve(results[index] as Result);
    } catch (error) {
      for (const waiting of group) waiting.reject(error);
    }
    queue.tripsOut -= 1;
    if (queue.waiting.length > 0) this.schedule(queue);
    else if (queue.tripsOut === 0 && !queue.isScheduled) this.queues.delete(queue.key);
  }
}
