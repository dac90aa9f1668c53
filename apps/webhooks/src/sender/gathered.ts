interface Waiting<Item, Result> {
  readonly item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Items that come while a statement is under way leave together in the next one: as large as the load makes them,
 * and alone when nothing else is there. `send` answers its items in their order; its failure is everybody's.
 */
export class Gathered<Item, Result> {
  private waiting: Waiting<Item, Result>[] = [];
  private isUnderWay = false;

  constructor(
    private readonly send: (items: readonly Item[]) => Promise<readonly Result[]>,
    private readonly itemsMax: number,
  ) {}

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (this.isUnderWay) return;
      this.isUnderWay = true;
      // What else this turn of the event loop brings goes along.
      setImmediate(() => void this.run());
    });
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      const group = this.waiting.splice(0, this.itemsMax);
      try {
        const results = await this.send(group.map(({ item }) => item));
        for (const [index, waiting] of group.entries()) waiting.resolve(results[index] as Result);
      } catch (error) {
        for (const waiting of group) waiting.reject(error);
      }
    }
    this.isUnderWay = false;
  }
}
