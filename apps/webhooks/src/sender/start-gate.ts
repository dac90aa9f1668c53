/** Requests that a process has begun a moment ago and that are not answered. */
export const PLACES = 256;
/** Fewer are not worth asking Redis and Postgres what to do with them. */
const TOGETHER_MIN = 8;
/** Longer than a receiver that is near and well takes to answer. */
export const BEGINNING_MS = 50;

interface Waiting {
  readonly most: number;
  readonly resolve: (places: number) => void;
}

/** Its request is answered, or has failed; said again it changes nothing. */
export type Leave = () => void;

/**
 * Lets a burst begin a few requests at a time, so that they find connections that are free again instead of making
 * one each. A place is held until its request is answered, and `BEGINNING_MS` at most: a receiver that takes its time
 * holds up nobody, and 5,000 a second begin whatever they all do.
 */
export class StartGate {
  private free = PLACES;
  private waiting: Waiting[] = [];
  private isClosed = false;

  /**
   * `most` places, or less when there are not so many, in the order of asking; each is to be used or given back. None
   * once the gate is closed.
   */
  take(most: number): Promise<number> {
    if (this.isClosed) return Promise.resolve(0);
    return new Promise((resolve) => {
      this.waiting.push({ most, resolve });
      this.serve();
    });
  }

  /** Whoever waits gets no place, and so does whoever asks from now on. */
  close(): void {
    this.isClosed = true;
    for (const { resolve } of this.waiting.splice(0)) resolve(0);
  }

  giveBack(places: number): void {
    this.free += places;
    this.serve();
  }

  /** Uses one of the places that were taken. */
  enter(): Leave {
    let isInside = true;
    const leave = () => {
      clearTimeout(timer);
      if (isInside) this.giveBack(1);
      isInside = false;
    };
    const timer = setTimeout(leave, BEGINNING_MS);
    return leave;
  }

  private serve(): void {
    for (;;) {
      const [first] = this.waiting;
      if (!first || this.free < Math.min(first.most, TOGETHER_MIN)) return;
      const places = Math.min(first.most, this.free);
      this.waiting.shift();
      this.free -= places;
      first.resolve(places);
    }
  }
}
