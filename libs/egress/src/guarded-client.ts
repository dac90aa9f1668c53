import { Agent, type Dispatcher } from 'undici';
import { AddressBook, type AddressBookOptions } from './address-book.js';
import { type ConnectionTimes, type Watch, watchRequest } from './connection-times.js';
import { bareHost, readDestination } from './destination.js';
import { EgressError, type EgressFailure, failureOf } from './failures.js';
import { guardedConnector, HEADER_BYTES_MAX } from './guarded-connector.js';

export interface GuardedRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** For everything: name, connection, handshake, headers and body. */
  readonly timeoutMs: number;
  /** After so many bytes the body is cut and the answer counts as complete. */
  readonly responseBytesMax: number;
  /** Gives the request up: `cancelled`. */
  readonly signal?: AbortSignal;
  /** Told once the request is handed to its socket: from then on the receiver may have it. */
  readonly onSent?: () => void;
}

export interface ExchangeTimes extends ConnectionTimes {
  readonly firstByteMs: number | null;
  readonly totalMs: number;
}

/** What came back. With a failure, status and headers are there if they came before it. */
export interface Exchange {
  readonly failure: EgressFailure | null;
  /** Says what failed, fit for the eyes of clients; null without a failure. */
  readonly error: string | null;
  readonly statusCode: number | null;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  readonly isBodyCut: boolean;
  readonly times: ExchangeTimes;
}

interface Arrived {
  statusCode: number | null;
  headers: Exchange['headers'];
  body: Buffer;
  isBodyCut: boolean;
}

/**
 * An HTTP client for URLs that somebody else chose. Every address is checked when it is connected to, nothing is
 * redirected, no proxy is asked, and neither a slow nor an endless answer holds anything longer than `timeoutMs`.
 */
export class GuardedClient {
  private readonly addresses: AddressBook;
  private readonly agent: Agent;

  constructor(private readonly options: AddressBookOptions) {
    this.addresses = new AddressBook(options);
    this.agent = new Agent({
      allowH2: false,
      connect: guardedConnector(this.addresses),
      maxHeaderSize: HEADER_BYTES_MAX,
      pipelining: 1,
      // The one deadline of each request stands for these.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /**
   * Throws an `EgressError` for a URL that would be refused now. A name that does not resolve yet passes, and what
   * passes is checked again at every request: names may lead elsewhere by then.
   */
  async check(url: string): Promise<void> {
    const { hostname } = readDestination(url, this.options).url;
    await this.addresses.find(bareHost(hostname)).catch((error: unknown) => {
      if (!(error instanceof EgressError) || error.failure !== 'name_not_resolved') throw error;
    });
  }

  /** Never rejects: a failure is part of what is told. */
  async send(request: GuardedRequest): Promise<Exchange> {
    const startedAt = performance.now();
    const arrived: Arrived = { statusCode: null, headers: {}, body: Buffer.alloc(0), isBodyCut: false };
    const watch: { current?: Watch } = {};
    const failure = await this.attempt(request, arrived, watch).then(() => null, failureOf);
    const { firstByteAt = null, connection } = watch.current ?? {};
    return {
      failure,
      error: failure && new EgressError(failure).message,
      ...arrived,
      times: {
        dnsMs: connection?.dnsMs ?? null,
        connectMs: connection?.connectMs ?? null,
        tlsMs: connection?.tlsMs ?? null,
        firstByteMs: firstByteAt === null ? null : firstByteAt - startedAt,
        totalMs: performance.now() - startedAt,
      },
    };
  }

  /** Ends idle connections, and those in use once they are done. */
  close(): Promise<void> {
    return this.agent.close();
  }

  private async attempt(
    request: GuardedRequest,
    arrived: Arrived,
    watch: { current?: Watch },
  ): Promise<void> {
    const { url } = readDestination(request.url, this.options);
    const deadline = new Deadline(request.timeoutMs, request.signal);
    try {
      const begun = watchRequest(
        () =>
          this.agent.request({
            origin: url.origin,
            path: `${url.pathname}${url.search}`,
            method: request.method,
            headers: request.headers,
            body: request.body ?? null,
            signal: deadline.signal,
          }),
        request.onSent,
      );
      watch.current = begun.watch;
      const response = await begun.result;
      arrived.statusCode = response.statusCode;
      arrived.headers = response.headers;
      await readBody(response.body, request.responseBytesMax, arrived);
    } catch (error) {
      throw deadline.failure ?? error;
    } finally {
      deadline.clear();
    }
  }
}

async function readBody(
  stream: Dispatcher.ResponseData['body'],
  bytesMax: number,
  arrived: Arrived,
): Promise<void> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk.subarray(0, bytesMax - bytes));
      bytes += chunk.length;
      arrived.isBodyCut = bytes > bytesMax;
      // Leaving the loop ends the stream, and with it the connection.
      if (arrived.isBodyCut) break;
    }
  } finally {
    arrived.body = Buffer.concat(chunks);
  }
}

/** One timer for a whole request; says afterwards whether it was what ended it. */
class Deadline {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;
  failure: EgressError | undefined;

  constructor(
    timeoutMs: number,
    private readonly outer: AbortSignal | undefined,
  ) {
    this.timer = setTimeout(() => this.end('timeout'), timeoutMs);
    if (outer?.aborted) this.cancel();
    outer?.addEventListener('abort', this.cancel, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  clear(): void {
    clearTimeout(this.timer);
    this.outer?.removeEventListener('abort', this.cancel);
  }

  private readonly cancel = (): void => this.end('cancelled');

  private end(failure: EgressFailure): void {
    this.failure ??= new EgressError(failure);
    this.controller.abort(this.failure);
  }
}
