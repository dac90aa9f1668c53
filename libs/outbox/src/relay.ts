import type { EventStream, PublishedEvent } from '@magistry/messaging';

/** A committed event, ready to publish. */
export interface OutboxEvent extends PublishedEvent {
  readonly bytes: Uint8Array;
}

/** Where a relay reads, and where it notes how far it came. */
export interface OutboxSource {
  relayedPosition(): Promise<number>;
  /** Whether the outbox has this very event; a stream may outlive a restored or replaced database. */
  has(event: PublishedEvent): Promise<boolean>;
  /** Events after a position, in order, without a gap. */
  readAfter(position: number, limit: number): Promise<readonly OutboxEvent[]>;
  noteRelayed(position: number): Promise<void>;
}

export interface RelayOptions {
  readonly subject: string;
  readonly openStream: () => Promise<EventStream>;
  readonly source: OutboxSource;
  readonly onFault: (error: unknown) => void;
}

const BATCH_SIZE = 500;
const IDLE_MS = 1_000;
const RETRY_MS = 500;
const NOTE_EVERY_MS = 1_000;
/** Under load, commits of this long share one read of the outbox. */
const GATHER_MS = 20;

/**
 * Publishes one shard's outbox in order. After any restart it goes on behind what the stream really has, so that
 * nothing is left out and nothing that the stream knows is sent again.
 */
export class OutboxRelay {
  private wake: () => void = () => undefined;
  private isRung = false;
  private isStopped = false;
  private running: Promise<void> | null = null;
  private published: number | undefined;
  private caughtUpUnixMs = Date.now();

  constructor(private readonly options: RelayOptions) {}

  /** The last event that is known to be in the stream; undefined before the first look. */
  get position(): number | undefined {
    return this.published;
  }

  /** No event that waits is older than this, except what an earlier process left behind. */
  get sinceCaughtUpMs(): number {
    return Date.now() - this.caughtUpUnixMs;
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Something was committed; published at once instead of at the next look. */
  ring(): void {
    this.isRung = true;
    this.wake();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      try {
        this.published ??= await this.options.source.relayedPosition();
        await this.relay(await this.options.openStream());
      } catch (error) {
        if (this.isStopped) return;
        this.options.onFault(error);
        this.isRung = false;
        await this.pause(RETRY_MS);
      }
    }
  }

  private async relay(stream: EventStream): Promise<void> {
    const { subject, source } = this.options;
    const last = await stream.last(subject);
    const streamed = last && (await source.has(last)) ? last.position : 0;
    let noted = await source.relayedPosition();
    let position = Math.max(noted, streamed);
    let notedAt = Date.now();
    while (!this.isStopped) {
      this.isRung = false;
      const readUnixMs = Date.now();
      const events = await source.readAfter(position, BATCH_SIZE);
      // One at a time would cost a round trip each; in flight together they still arrive in order.
      await Promise.all(events.map((event) => stream.publish(subject, event, event.bytes)));
      position = events.at(-1)?.position ?? position;
      this.published = position;
      if (events.length < BATCH_SIZE) this.caughtUpUnixMs = readUnixMs;
      // The stream itself remembers how far it got, so the note may lag.
      const isNoteDue = events.length === 0 || Date.now() - notedAt >= NOTE_EVERY_MS;
      if (isNoteDue && position > noted) {
        await source.noteRelayed(position);
        noted = position;
        notedAt = Date.now();
      }
      await (events.length === 0 ? this.pause(IDLE_MS) : gather());
    }
  }

  private pause(durationMs: number): Promise<void> {
    if (this.isRung || this.isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, durationMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function gather(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, GATHER_MS));
}
