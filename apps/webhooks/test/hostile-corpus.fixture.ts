import type { RequestListener } from 'node:http';

export interface Hostile {
  readonly answer: RequestListener;
  /** What each attempt's row must tell. */
  readonly told: { readonly status_code?: number | null; readonly error: string | null };
  /** Where each delivery must stand after its one attempt. */
  readonly status: 'success' | 'retrying' | 'failed';
}

export const RETRY_AFTER_SECONDS = 50;

const KIB = 1_024;

/** Receivers that mean no good, each with what the worker must make of them. `insideUrl` is where none may lead. */
export function hostileCorpus(insideUrl: string, retryAt: Date): Record<string, Hostile> {
  return {
    'an endless body': { answer: endlessBody, told: { status_code: 200, error: null }, status: 'success' },
    'one byte a second': {
      answer: oneByteASecond,
      told: { status_code: 200, error: 'timeout' },
      status: 'retrying',
    },
    'a reset in the middle of the body': {
      answer: resetMidBody,
      told: { error: 'connection_reset' },
      status: 'retrying',
    },
    'huge headers': {
      answer: (_request, response) => response.setHeader('x-huge', 'y'.repeat(64 * KIB)).end(),
      told: { status_code: null, error: 'headers_too_large' },
      status: 'retrying',
    },
    'a redirect to loopback': answering(302, { location: insideUrl }),
    'a 410': { ...answering(410), status: 'failed' },
    'a 429 with seconds': answering(429, { 'retry-after': String(RETRY_AFTER_SECONDS) }),
    'a 429 with a date': answering(429, { 'retry-after': retryAt.toUTCString() }),
  };
}

function answering(statusCode: number, headers: Record<string, string> = {}): Hostile {
  return {
    answer: (_request, response) => response.writeHead(statusCode, headers).end(),
    told: { status_code: statusCode, error: null },
    status: 'retrying',
  };
}

const endlessBody: RequestListener = (_request, response) => {
  const more = () => {
    while (!response.destroyed && response.write(Buffer.alloc(64 * KIB, 'x')));
  };
  response.on('drain', more);
  more();
};

const oneByteASecond: RequestListener = (_request, response) => {
  response.writeHead(200).flushHeaders();
  const timer = setInterval(() => response.write('x'), 1_000);
  response.on('close', () => clearInterval(timer));
};

const resetMidBody: RequestListener = (request, response) => {
  response.writeHead(200, { 'content-length': 100 });
  response.write('half', () => setTimeout(() => request.socket.resetAndDestroy(), 50));
};
