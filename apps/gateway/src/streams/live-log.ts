import type { EventPage } from '@magistry/contracts';
import { type EventFrame, type FramePage, framesOf } from './event-frame.js';
import { framesHeld, logFollowers, logsFollowed } from './metrics.js';

/** Of one log. A follower that is further behind than this reads the log. */
const LOG_BYTES_MAX = 64 * 1024;
/** Of all logs that a gateway follows. */
const ALL_BYTES_MAX = 32 * 1024 * 1024;
/** Proxies cut what is silent for 30 s or longer. The log is looked at as often: a live page may get lost. */
const QUIET_MS = 5_000;

const ARRIVED = Promise.resolve(true);

/** What the followed logs of a gateway hold together. */
export interface HeldFrames {
  bytes: number;
}

export interface LogSource {
  /** A page behind `after`. Rejects while the service is away. */
  read(after: number): Promise<EventPage>;
  /** Returns how to stop listening. */
  listen(listener: (page: EventPage) => void): () => void;
  /** Aborted when the gateway leaves. */
  readonly end: AbortSignal;
}

/**
 * A log that somebody follows. Its newest frames are held once, for all of its followers: each has nothing but its
 * place in it. What is not held is read from the log, once for all who are at the same place.
 */
export class LiveLog {
  private frames: EventFrame[] = [];
  private bytes = 0;
  private newestId = 0;
  private isEnded = false;
  private followers = 0;
  private told = Promise.withResolvers<boolean>();
  private readonly reading = new Map<number, Promise<FramePage>>();
  private readonly stopListening: () => void;
  private readonly quiet: NodeJS.Timeout;

  /** `onLeft` is called when the last follower has left; then it is closed. */
  constructor(
    private readonly source: LogSource,
    private readonly held: HeldFrames,
    private readonly onLeft: () => void,
    quietMs = QUIET_MS,
  ) {
    this.stopListening = source.listen((page) => this.add(page));
    this.quiet = setInterval(() => this.tell(false), quietMs);
    source.end.addEventListener('abort', this.rouse);
    logsFollowed.inc();
  }

  get hasToEnd(): boolean {
    return this.source.end.aborted;
  }

  /** One more follower, that calls `leave` once. */
  enter(): this {
    this.followers += 1;
    logFollowers.inc();
    return this;
  }

  leave(): void {
    this.followers -= 1;
    logFollowers.dec();
    if (this.followers > 0) return;
    logsFollowed.dec();
    this.stopListening();
    clearInterval(this.quiet);
    this.source.end.removeEventListener('abort', this.rouse);
    this.drop();
    this.onLeft();
  }

  /** The frames right behind `after` that are held; undefined when there are none, or others lie between. */
  take(after: number): FramePage | undefined {
    const oldest = this.frames[0]?.id;
    if (oldest === undefined || after + 1 < oldest || after >= this.newestId) return undefined;
    return { frames: this.frames.slice(after + 1 - oldest), hasMore: false, isEnded: this.isEnded };
  }

  /** What the log itself has behind `after`. Rejects while the service is away. */
  read(after: number): Promise<FramePage> {
    const known = this.reading.get(after);
    if (known) return known;
    const reading = this.source
      .read(after)
      .then(framesOf)
      .finally(() => this.reading.delete(after));
    this.reading.set(after, reading);
    return reading;
  }

  /** Resolves to true when something behind `after` is here or the gateway leaves, to false after a quiet time. */
  arrival(after: number): Promise<boolean> {
    return this.newestId > after || this.hasToEnd ? ARRIVED : this.told.promise;
  }

  private add(page: EventPage): void {
    const { frames, isEnded } = framesOf(page);
    for (const frame of frames) {
      if (frame.id <= this.newestId) continue;
      if (frame.id > this.newestId + 1) this.drop();
      this.frames.push(frame);
      this.hold(frame.bytes.length);
      this.newestId = frame.id;
    }
    this.isEnded ||= isEnded;
    while (this.bytes > LOG_BYTES_MAX) this.hold(-(this.frames.shift()?.bytes.length ?? this.bytes));
    if (this.held.bytes > ALL_BYTES_MAX) this.drop();
    this.quiet.refresh();
    this.tell(true);
  }

  private drop(): void {
    this.frames = [];
    this.hold(-this.bytes);
  }

  private hold(bytes: number): void {
    this.bytes += bytes;
    this.held.bytes += bytes;
    framesHeld.set(this.held.bytes);
  }

  private readonly rouse = (): void => this.tell(true);

  private tell(hasArrived: boolean): void {
    const { resolve } = this.told;
    this.told = Promise.withResolvers();
    resolve(hasArrived);
  }
}
