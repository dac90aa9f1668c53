import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Received {
  /** By `performance.now()`, when its headers were read. */
  readonly at: number;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** Requests that were unanswered at once, at most. */
  readonly mostOpen: () => number;
  close(): Promise<void>;
}

/** A receiver on loopback that keeps what it gets; `answer` is called once a body is whole. */
export async function startReceiver(
  answer: (received: Received, response: ServerResponse) => void = (_received, response) => response.end(),
): Promise<Receiver> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  let open = 0;
  let mostOpen = 0;
  const server = createServer((request, response) => {
    const at = performance.now();
    open += 1;
    mostOpen = Math.max(mostOpen, open);
    response.on('close', () => {
      open -= 1;
    });
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = { at, path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) };
      received.push(one);
      answer(one, response);
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    mostOpen: () => mostOpen,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The most requests that lie within any second, both ends included. */
export function mostInASecond(instants: readonly number[]): number {
  const sorted = instants.toSorted((one, other) => one - other);
  let from = 0;
  let most = 0;
  for (const [index, at] of sorted.entries()) {
    while (at - (sorted[from] ?? at) > 1_000) from += 1;
    most = Math.max(most, index - from + 1);
  }
  return most;
}
