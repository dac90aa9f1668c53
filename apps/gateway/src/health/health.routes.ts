import { ProblemError } from '@magistry/errors';
import type { FastifyInstance } from 'fastify';
import { REQUEST_ID_HEADER } from '../pipeline/request-id.js';
import type { Readiness } from './readiness.js';

/** Outside of the pipeline: /health says that this process lives, /ready that the whole platform can work. */
export function addHealthRoutes(http: FastifyInstance, readiness: Readiness): void {
  http.get('/health', (request, reply) => {
    reply.header(REQUEST_ID_HEADER, request.id).send({ status: 'ok' });
  });
  http.get('/ready', async (request, reply) => {
    const failures = await readiness.failures();
    const failing = Object.keys(failures);
    if (failing.length > 0) {
      throw new ProblemError('service_unavailable', `Not ready: ${failing.join(', ')}.`, {
        extras: { failures },
      });
    }
    return reply.header(REQUEST_ID_HEADER, request.id).send({ status: 'ready' });
  });
}
