import { EventSource } from 'eventsource';

export interface StreamEvent {
  readonly id: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the event holds
  readonly data: any;
}

export interface Following {
  readonly events: StreamEvent[];
  /** Resolves when the server has said that there is no more; or, with a number, once so many events are here. */
  until(count?: number): Promise<StreamEvent[]>;
  /** Resolves when `[DONE]` has come. */
  readonly done: Promise<void>;
  close(): void;
}

const FOLLOW_MS_MAX = 20_000;

/** Follows with a client that is not ours, as a browser does; `after` is what it has seen before. */
export function follow(url: string, key: string, after?: number): Following {
  const headers = {
    authorization: `Bearer ${key}`,
    ...(after !== undefined && { 'last-event-id': String(after) }),
  };
  const source = new EventSource(url, {
    fetch: (address, init) =>
      fetch(address, { ...init, headers: { ...headers, ...withoutEmpty(init.headers) } }),
  });
  const events: StreamEvent[] = [];
  let hasEnded = false;
  let wake = () => {};
  const done = Promise.withResolvers<void>();
  source.onmessage = ({ lastEventId, data }) => {
    events.push({ id: Number(lastEventId), data: data === '[DONE]' ? data : JSON.parse(data) });
    if (data === '[DONE]') done.resolve();
    wake();
  };
  source.onerror = () => {
    // A client that was answered 204 is closed; any other one comes back by itself.
    if (source.readyState === EventSource.CLOSED) hasEnded = true;
    wake();
  };
  const until = async (count = Number.POSITIVE_INFINITY) => {
    const timer = setTimeout(() => wake(), FOLLOW_MS_MAX);
    const startedAt = performance.now();
    while (!hasEnded && events.length < count && performance.now() - startedAt < FOLLOW_MS_MAX) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    clearTimeout(timer);
    if (!hasEnded && events.length < count)
      throw new Error(`after ${events.length} events nothing more came`);
    return events;
  };
  return { events, until, done: done.promise, close: () => source.close() };
}

function withoutEmpty(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''));
}

/** The events of an answered stream, as they came; what closes it has no id. */
export function streamedEvents(text: string): StreamEvent[] {
  const frames = text.split('\n\n').filter((frame) => frame !== '' && frame !== ':');
  return frames.map((frame) => {
    const [, id, data = ''] = /^(?:id: (\d+)\n)?data: (.*)$/.exec(frame) ?? [];
    return { id: Number(id), data: data === '[DONE]' ? data : JSON.parse(data) };
  });
}
