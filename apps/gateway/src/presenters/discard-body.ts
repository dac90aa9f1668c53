import type { IncomingMessage } from 'node:http';

const DISCARDED_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Reads on what a refused client is still sending, so that it gets to its answer instead of a broken
 * connection. The request timeout ends a slow one; this ends one that sends without end.
 */
export function discardBody(request: IncomingMessage): void {
  let discardedBytes = 0;
  request.on('data', (chunk: Buffer) => {
    discardedBytes += chunk.length;
    if (discardedBytes > DISCARDED_BYTES_MAX) request.destroy();
  });
  request.on('error', () => {});
  request.resume();
}
