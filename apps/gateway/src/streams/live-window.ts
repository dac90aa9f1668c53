import type { EventPage } from '@magistry/contracts';

/** A follower that is further behind than this reads the log: a slow client costs no memory here. */
const PAGES_MAX = 64;

/** The newest pages of a log for one follower, as they come; whatever does not fit is left to the log itself. */
export class LiveWindow {
  private pages: EventPage[] = [];
  private wake: (() => void) | undefined;
  private readonly stop: () => void;

  constructor(
    listen: (listener: (page: EventPage) => void) => () => void,
    private readonly end: AbortSignal,
  ) {
    this.stop = listen((page) => this.add(page));
    end.addEventListener('abort', this.rouse);
  }

  get hasEnded(): boolean {
    return this.end.aborted;
  }

  /** The page that goes on right behind `after`; undefined when none is here, or events lie between. */
  take(after: number): EventPage | undefined {
    for (let page = this.pages.shift(); page; page = this.pages.shift()) {
      const first = page.events[0]?.id ?? 0;
      const last = page.events.at(-1)?.id ?? 0;
      if (first > after + 1) return undefined;
      if (last > after) return page;
    }
    return undefined;
  }

  /** Resolves to true when a page is here or the gateway leaves, to false after the time without one. */
  arrival(timeoutMs: number): Promise<boolean> {
    if (this.pages.length > 0 || this.hasEnded) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.settle(resolve, false), timeoutMs);
      this.wake = () => {
        clearTimeout(timer);
        this.settle(resolve, true);
      };
    });
  }

  close(): void {
    this.stop();
    this.end.removeEventListener('abort', this.rouse);
    this.pages = [];
    this.rouse();
  }

  private add(page: EventPage): void {
    if (this.pages.length >= PAGES_MAX) this.pages = [];
    this.pages.push(page);
    this.rouse();
  }

  private readonly rouse = (): void => this.wake?.();

  private settle(resolve: (arrived: boolean) => void, arrived: boolean): void {
    this.wake = undefined;
    resolve(arrived);
  }
}
