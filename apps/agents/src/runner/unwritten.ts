import type { Addition } from '../storage/lease.js';

/** An addition that was handed over to be written. */
interface Handed {
  readonly addition: Addition;
  readonly written: PromiseWithResolvers<void>;
}

/** What a run has to write, in its order, gathered into what is committed together. */
export class Unwritten {
  private batches: Handed[][] = [];
  /** What is being committed. */
  private taken: Handed[] = [];
  private waitingEvents = 0;

  /** Events that are handed over and not settled. */
  get events(): number {
    return this.waitingEvents;
  }

  /** What is committed next. */
  get next(): Addition | undefined {
    const [batch] = this.batches;
    return batch && together(batch);
  }

  add(addition: Addition): Promise<void> {
    const handed = { addition, written: Promise.withResolvers<void>() };
    this.waitingEvents += addition.events.length;
    const batch = this.batches.at(-1);
    if (batch && mayJoin(batch, addition)) batch.push(handed);
    else this.batches.push([handed]);
    return handed.written.promise;
  }

  take(): Addition {
    this.taken = this.batches.shift() ?? [];
    return together(this.taken);
  }

  /** What was taken is to be taken again. */
  putBack(): void {
    this.batches.unshift(this.taken);
  }

  written(): void {
    this.settle(this.taken, ({ written }) => written.resolve());
  }

  /** The reservation of what was taken is refused. What was gathered with it has happened all the same. */
  refuseReservation(error: unknown): void {
    const kept = this.taken.filter(({ addition }) => !addition.reserved);
    const refused = this.taken.filter(({ addition }) => addition.reserved);
    if (kept.length > 0) this.batches.unshift(kept);
    this.settle(refused, ({ written }) => written.reject(error));
  }

  /** None of it is written any more. Returns what that was. */
  failAll(error: unknown): Addition {
    const all = [...this.taken, ...this.batches.flat()];
    this.batches = [];
    this.settle(all, ({ written }) => written.reject(error));
    return together(all);
  }

  private settle(all: readonly Handed[], end: (handed: Handed) => void): void {
    for (const handed of all) {
      this.waitingEvents -= handed.addition.events.length;
      end(handed);
    }
  }
}

/** One settlement or one reservation a commit: a reservation is held against what the calls before have cost. */
function mayJoin(batch: readonly Handed[], { settled, reserved }: Addition): boolean {
  const isAccounted = batch.some(({ addition }) => addition.settled ?? addition.reserved);
  return !(isAccounted && (settled ?? reserved));
}

function together(batch: readonly Handed[]): Addition {
  const additions = batch.map(({ addition }) => addition);
  return {
    events: additions.flatMap(({ events }) => events),
    end: additions.find(({ end }) => end)?.end,
    settled: additions.find(({ settled }) => settled)?.settled,
    reserved: additions.find(({ reserved }) => reserved)?.reserved,
  };
}
