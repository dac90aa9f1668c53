import { Agent, type RequestInfo, type RequestInit, fetch as undiciFetch } from 'undici';
import { AddressBook, type AddressBookOptions } from './address-book.js';
import { readDestination } from './destination.js';
import { EgressError } from './failures.js';
import { guardedConnector, HEADER_BYTES_MAX } from './guarded-connector.js';

export interface GuardedFetchOptions extends AddressBookOptions {
  /** An answer that goes on after so many bytes is broken off: `body_too_large`. */
  readonly responseBytesMax: number;
}

/** `fetch` for libraries that take one, and what ends its connections. */
export interface GuardedFetch {
  readonly fetch: typeof globalThis.fetch;
  close(): Promise<void>;
}

/**
 * A `fetch` for URLs that somebody else chose: every address is checked when it is connected to, a redirect is an
 * answer and not followed, bodies stream and end. Times are the caller's, by `signal`. Rejects with `EgressError`.
 */
export function guardedFetch(options: GuardedFetchOptions): GuardedFetch {
  const agent = new Agent({
    allowH2: false,
    connect: guardedConnector(new AddressBook(options)),
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const fetch = async (input: RequestInfo, init: RequestInit = {}) => {
    const { url } = readDestination(String(input), options);
    const response = await undiciFetch(url, { ...init, redirect: 'manual', dispatcher: agent }).catch(
      refusal,
    );
    const { status, statusText, headers, body } = response;
    const bounded = body?.pipeThrough(bytesBounded(options.responseBytesMax)) ?? null;
    return new Response(bounded as ReadableStream | null, { status, statusText, headers: [...headers] });
  };
  return { fetch: fetch as unknown as typeof globalThis.fetch, close: () => agent.destroy() };
}

// What the guard refused is not to be tried again: the reason must not hide behind "fetch failed".
function refusal(error: unknown): never {
  throw error instanceof Error && error.cause instanceof EgressError ? error.cause : error;
}

function bytesBounded(bytesMax: number): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (bytes > bytesMax) controller.error(new EgressError('body_too_large'));
      else controller.enqueue(chunk);
    },
  });
}
