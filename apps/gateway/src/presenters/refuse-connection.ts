import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ProblemError } from '@magistry/errors';
import { newRequestId } from '@magistry/request-context';
import type { ProblemPresenter } from './problem.js';

/** Answers on the bare socket what Node could not read as a request, in the same envelope, and hangs up. */
export function refuseConnection(
  presenter: ProblemPresenter,
  error: { code?: string },
  socket: Socket,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = new ProblemError('invalid_request', explain(error.code));
  const { status, headers, body } = presenter.render(problem, newRequestId());
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

function explain(code: string | undefined): string {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 'The URL and headers together are larger than 16 KiB.';
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 'The chunk extensions of the body are too large.';
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'The request did not arrive in time.';
    default:
      return 'This is not a well-formed HTTP request.';
  }
}
