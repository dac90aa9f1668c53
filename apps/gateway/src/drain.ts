/** Whether the gateway is leaving: then each answer tells its client to open another connection elsewhere. */
export class Drain {
  isStarted = false;
  private readonly streams = new AbortController();

  /** Aborted when streams end where they are: their clients go on elsewhere, from the last event they have. */
  get endOfStreams(): AbortSignal {
    return this.streams.signal;
  }

  endStreams(): void {
    this.streams.abort();
  }
}
