import { randomInt } from 'node:crypto';

/** Chance that can be repeated: print `seed`, give it back as MAGISTRY_TEST_SEED. */
export class SeededRandom {
  private state: number;

  constructor(readonly seed: number) {
    this.state = seed >>> 0;
  }

  /** A whole number from `from` to `to`, both included (mulberry32). */
  integer(from: number, to: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    const fraction = ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    return from + Math.floor(fraction * (to - from + 1));
  }
}

/** A new seed each run unless MAGISTRY_TEST_SEED repeats an old one. */
export function chooseSeed(): number {
  return Number(process.env['MAGISTRY_TEST_SEED'] || randomInt(2 ** 31));
}
