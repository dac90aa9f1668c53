import type { IncomingMessage } from 'node:http';
import { keepRequestId } from '@magistry/request-context';
import type { Stage } from './stage.js';

export const REQUEST_ID_HEADER = 'x-request-id';

/** Fastify asks once a request; the answer is `request.id` from then on, in logs and in every service. */
export function requestIdOf(request: IncomingMessage | { headers: IncomingMessage['headers'] }): string {
  const offered = request.headers[REQUEST_ID_HEADER];
  return keepRequestId(typeof offered === 'string' ? offered : undefined);
}

export const requestId: Stage = ({ request, reply }) => {
  reply.header(REQUEST_ID_HEADER, request.id);
};
