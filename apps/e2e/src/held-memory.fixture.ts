import { setTimeout as pause } from 'node:timers/promises';
import { report } from './kills.fixture.js';
import { type HeldMemory, LiveHeap } from './live-heap.fixture.js';
import type { RunningSystem } from './system.fixture.js';

const MIB = 1024 * 1024;
/** In which sockets that the load has closed are closed on the other side, too. */
const SETTLE_MS = 1_000;
/** Rounds of one load differ by up to 1.3 % of the heap; a follower that is kept is 15 KiB of it. */
export const HELD_GROWTH_MAX = 1.03;

/** What processes hold behind each round of one and the same load. */
export class HeldMemoryOverRounds {
  private readonly rounds: Map<string, HeldMemory>[] = [];

  private constructor(private readonly heaps: ReadonlyMap<string, LiveHeap>) {}

  static async of(system: RunningSystem, names: readonly string[]): Promise<HeldMemoryOverRounds> {
    const heaps = new Map<string, LiveHeap>();
    for (const name of names) heaps.set(name, await LiveHeap.open(system, name));
    return new HeldMemoryOverRounds(heaps);
  }

  /** To be called when a round has ended. */
  async measure(): Promise<void> {
    await pause(SETTLE_MS);
    const round = new Map<string, HeldMemory>();
    for (const [name, heap] of this.heaps) round.set(name, await heap.held());
    this.rounds.push(round);
    const told = [...round].map(
      ([name, { heap, external, resident }]) =>
        `${name} ${mib(heap)} MiB of heap, ${mib(external)} of buffers, ${mib(resident)} resident`,
    );
    report(`behind round ${this.rounds.length} hold ${told.join('; ')}`);
  }

  /** The median of the last third of the rounds to that of the first; of the live heap and what it refers to. */
  growth(name: string): number {
    const held = this.rounds.flatMap((round) => round.get(name) ?? []);
    const third = Math.floor(held.length / 3);
    const total = ({ heap, external }: HeldMemory) => heap + external;
    const ratio = median(held.slice(-third).map(total)) / median(held.slice(0, third).map(total));
    report(`${name} holds ${((ratio - 1) * 100).toFixed(1)} % more in the last third than in the first`);
    return ratio;
  }

  /** In bytes, with garbage. */
  mostResident(name: string): number {
    return Math.max(...this.rounds.map((round) => round.get(name)?.resident ?? 0));
  }

  async close(): Promise<void> {
    for (const heap of this.heaps.values()) await heap.close();
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(1);
}
