import type { Logger } from '@magistry/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** One line a request: who asked for what, how it ended, how long it took. Never a URL, header or body. */
export function logRequest(logger: Logger, request: FastifyRequest, reply: FastifyReply): void {
  const { exchange } = request;
  const isProbe = exchange === null && reply.statusCode < 400;
  logger[isProbe ? 'debug' : 'info'](
    {
      requestId: request.id,
      trace_id: exchange?.traceId,
      operation: exchange?.operation.name,
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime * 10) / 10,
      principal: exchange?.principalId,
      workspace: exchange?.workspaceId,
      apiVersion: exchange?.apiVersion,
    },
    'answered',
  );
}
