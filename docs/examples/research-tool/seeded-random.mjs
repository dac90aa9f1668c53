/** Chance that is the same on every machine and every run (mulberry32). */
export function seededRandom(seed) {
  let state = seed >>> 0;

  function fraction() {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  function integer(from, to) {
    return from + Math.floor(fraction() * (to - from + 1));
  }

  function shuffled(items) {
    const copy = [...items];
    for (let place = copy.length - 1; place > 0; place -= 1) {
      const other = integer(0, place);
      [copy[place], copy[other]] = [copy[other], copy[place]];
    }
    return copy;
  }

  return { integer, shuffled, pick: (items) => items[integer(0, items.length - 1)] };
}
