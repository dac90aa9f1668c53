import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/** How long the parts of a connection took; null for what it did not need. */
export interface ConnectionTimes {
  readonly dnsMs: number | null;
  readonly connectMs: number | null;
  readonly tlsMs: number | null;
}

const REUSED: ConnectionTimes = { dnsMs: null, connectMs: null, tlsMs: null };

/** What is known of one request while it is on its way. */
export interface Watch {
  connection: ConnectionTimes;
  /** By `performance.now()`. */
  firstByteAt: number | null;
  /** Told once the request is handed to its socket. */
  readonly onSent: (() => void) | undefined;
}

const unclaimed = new WeakMap<object, ConnectionTimes>();
const watches = new WeakMap<object, Watch>();
let beginning: Watch | undefined;

/** The first request on this socket is told what making it took. */
export function noteConnection(socket: Socket, times: ConnectionTimes): void {
  unclaimed.set(socket, times);
}

/** Begins a request in `begin`, which must call undici at once, and follows it. */
export function watchRequest<Result>(
  begin: () => Result,
  onSent?: () => void,
): { result: Result; watch: Watch } {
  const watch: Watch = { connection: REUSED, firstByteAt: null, onSent };
  beginning = watch;
  try {
    return { result: begin(), watch };
  } finally {
    beginning = undefined;
  }
}

// undici tells which socket carries a request on its diagnostics channels alone.
subscribe('undici:request:create', (message) => {
  const { request } = message as { request: object };
  if (beginning) watches.set(request, beginning);
});
subscribe('undici:client:sendHeaders', (message) => {
  const { request, socket } = message as { request: object; socket: object };
  const watch = watches.get(request);
  watch?.onSent?.();
  const times = unclaimed.get(socket);
  if (!watch || !times) return;
  watch.connection = times;
  unclaimed.delete(socket);
});
subscribe('undici:request:headers', (message) => {
  const watch = watches.get((message as { request: object }).request);
  if (watch) watch.firstByteAt = performance.now();
});
