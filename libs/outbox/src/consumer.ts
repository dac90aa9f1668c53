import type { StreamedEvent, StreamFollower } from '@magistry/messaging';

/** An event of another service's outbox; what its bytes are is that service's contract. */
export interface ConsumedEvent {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** Where a consumer stands in one shard of one source, and what it does with what comes. */
export interface Inbox {
  /** Position of the last event that was taken in; 0 for none. */
  position(): Promise<number>;
  /**
   * Takes in events that follow each other, and notes the last position in the same commit. Another process may
   * have been faster: what stands at or before the position by then is dropped.
   */
  take(events: readonly ConsumedEvent[]): Promise<void>;
}

export interface ConsumerOptions {
  readonly openFollower: () => Promise<StreamFollower>;
  /** The source's own answer: events after a position, in order, without a gap; none when there are no more. */
  readonly readBack: (afterPosition: number) => Promise<readonly ConsumedEvent[]>;
  readonly inbox: Inbox;
  /** Something is away; it is tried again. */
  readonly onFault: (error: unknown) => void;
  /** The source has no event any more that was never taken in: the first and last position that are lost. */
  readonly onLost: (first: number, last: number) => void;
}

const RETRY_MS = 500;
/** The stream may lose its store, or a bell may not ring: the source is asked now and then, whatever it says. */
const SWEEP_EVERY_MS = 10_000;

/**
 * Takes in one shard of another service's events, each once and in order. The stream brings them soon; the source's
 * outbox is asked for what the stream left out. Any number of processes may follow: the inbox decides.
 */
export class OutboxConsumer {
  private isStopped = false;
  private follower: StreamFollower | null = null;
  private running: Promise<void> | null = null;
  private turn: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private endPause: () => void = () => undefined;

  constructor(private readonly options: ConsumerOptions) {}

  start(): void {
    this.running ??= this.run();
    this.timer = setInterval(() => void this.sweep(), SWEEP_EVERY_MS);
    void this.sweep();
  }

  /** Ends what is being taken in; what came and was not begun comes again, to whoever follows then. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    this.endPause();
    await this.follower?.close().catch(() => undefined);
    await this.running;
    await this.turn;
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      try {
        this.follower = await this.options.openFollower();
        if (this.isStopped) await this.follower.close();
        for await (const batch of this.follower.batches()) await this.receive(batch);
      } catch (error) {
        if (!this.isStopped) this.options.onFault(error);
      }
      if (!this.isStopped) await this.pause();
    }
  }

  private async receive(batch: readonly StreamedEvent[]): Promise<void> {
    if (this.isStopped) return;
    try {
      await this.inTurn(() => this.takeIn(batch));
      for (const event of batch) event.acknowledge();
    } catch (error) {
      for (const event of batch) event.refuse();
      this.options.onFault(error);
    }
  }

  private async takeIn(batch: readonly StreamedEvent[]): Promise<void> {
    const { inbox } = this.options;
    const position = await inbox.position();
    const fresh = freshOf(batch, position);
    const last = fresh.at(-1)?.position;
    if (last === undefined) return;
    if (fresh[0]?.position === position + 1 && last === position + fresh.length) return inbox.take(fresh);
    const reached = await this.readBackTo(last, position);
    // The source was set back behind what the stream remembers: that is all that is left of these events.
    const rest = freshOf(fresh, reached);
    if (rest.length > 0) await this.takeBehindGap(rest, reached);
  }

  /** Whatever the source has that was not taken in. */
  private async sweep(): Promise<void> {
    try {
      await this.inTurn(async () => {
        await this.readBackTo(Number.POSITIVE_INFINITY, await this.options.inbox.position());
      });
    } catch (error) {
      if (!this.isStopped) this.options.onFault(error);
    }
  }

  /** Returns the position that is reached, which lies before `target` when the source has no more. */
  private async readBackTo(target: number, from: number): Promise<number> {
    let position = from;
    while (position < target && !this.isStopped) {
      const events = await this.options.readBack(position);
      if (events.length === 0) break;
      await this.takeBehindGap(events, position);
      position = events.at(-1)?.position ?? position;
    }
    return position;
  }

  private async takeBehindGap(events: readonly ConsumedEvent[], position: number): Promise<void> {
    const first = events[0]?.position ?? position + 1;
    if (first > position + 1) this.options.onLost(position + 1, first - 1);
    await this.options.inbox.take(events);
  }

  /** One at a time, so that the sweep and the stream do not read the same twice. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => undefined);
    return done;
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, RETRY_MS);
      this.endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** In order, each once, and none that was taken in. A message that is no event of ours has no position. */
function freshOf<Event extends ConsumedEvent>(events: readonly Event[], position: number): Event[] {
  const byPosition = new Map(events.map((event) => [event.position, event]));
  return [...byPosition.values()]
    .filter((event) => event.position > position)
    .sort((one, other) => one.position - other.position);
}
