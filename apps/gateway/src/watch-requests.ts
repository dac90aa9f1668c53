import type { ErrorCode } from '@magistry/errors';
import type { Logger, Outcome } from '@magistry/telemetry';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { meterOf, requestsInFlight } from './metrics.js';
import { logRequest } from './request-log.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The code of the error body that was sent; null when there was none. */
    refusal: ErrorCode | null;
  }
}

/** Follows every request around the pipeline, refusals and probes too: log line, metrics, span. */
export function watchRequests(http: FastifyInstance, logger: Logger): void {
  http.decorateRequest('refusal', null);
  http.addHook('onRequest', (request, reply, done) => {
    follow(request, reply);
    done();
  });
  http.addHook('onResponse', (request, reply, done) => {
    logRequest(logger, request, reply);
    done();
  });
}

/** A request that could not be routed: Fastify runs no hook for it. */
export function watchUnroutable(logger: Logger, request: FastifyRequest, reply: FastifyReply): void {
  follow(request, reply);
  logRequest(logger, request, reply);
}

// An answer closes when it is sent, and also when its client leaves before.
function follow(request: FastifyRequest, reply: FastifyReply): void {
  requestsInFlight.inc();
  reply.raw.once('close', () => {
    requestsInFlight.dec();
    // Absent where Fastify could not route: then no decoration was made either.
    const exchange = request.exchange ?? null;
    const outcome: Outcome = reply.raw.writableFinished ? (request.refusal ?? 'ok') : 'aborted';
    meterOf(exchange).ended(reply.statusCode, outcome, reply.elapsedTime);
    exchange?.span?.end(outcome, { 'http.response.status_code': reply.statusCode });
  });
}
