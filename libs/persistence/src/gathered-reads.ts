import { setTimeout as pause } from 'node:timers/promises';

/** What one statement reads at most. */
const KEYS_MAX = 50;
/** A reading that takes longer than this holds nobody up any more. */
const HELD_MS_MAX = 500;

interface Waiting<Row> {
  readonly asked: Map<string, PromiseWithResolvers<Row | undefined>>;
  isReading: boolean;
}

/**
 * Rows of a workspace by their keys. What many ask for at once, or while a reading is under way, is read together: one
 * transaction for a burst, not one for each who comes. Nobody is given what was read before they asked.
 */
export class GatheredReads<Row> {
  private readonly workspaces = new Map<number, Waiting<Row>>();

  constructor(
    private readonly read: (workspaceId: number, keys: string[]) => Promise<readonly Row[]>,
    private readonly keyOf: (row: Row) => string,
  ) {}

  find(workspaceId: number, key: string): Promise<Row | undefined> {
    const waiting = this.workspaces.get(workspaceId) ?? { asked: new Map(), isReading: false };
    this.workspaces.set(workspaceId, waiting);
    const asked = waiting.asked.get(key) ?? Promise.withResolvers<Row | undefined>();
    waiting.asked.set(key, asked);
    if (!waiting.isReading) void this.readAll(workspaceId, waiting);
    return asked.promise;
  }

  private async readAll(workspaceId: number, waiting: Waiting<Row>): Promise<void> {
    waiting.isReading = true;
    // Behind this turn of the event loop, all that came with it is there.
    await new Promise(setImmediate);
    while (waiting.asked.size > 0) {
      const taken = new Map([...waiting.asked].slice(0, KEYS_MAX));
      for (const key of taken.keys()) waiting.asked.delete(key);
      await Promise.race([this.answer(workspaceId, taken), pause(HELD_MS_MAX, undefined, { ref: false })]);
    }
    this.workspaces.delete(workspaceId);
  }

  private async answer(workspaceId: number, taken: Waiting<Row>['asked']): Promise<void> {
    try {
      const rows = await this.read(workspaceId, [...taken.keys()]);
      const found = new Map(rows.map((row) => [this.keyOf(row), row]));
      for (const [key, { resolve }] of taken) resolve(found.get(key));
    } catch (error) {
      for (const { reject } of taken.values()) reject(error);
    }
  }
}
