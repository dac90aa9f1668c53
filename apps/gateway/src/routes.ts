import { isWellFormedScope } from '@magistry/access';
import { operationOn, type PublicOperation } from '@magistry/contracts';
import type { FastifyInstance } from 'fastify';
import { bucketOf } from './admission/rate-table.js';
import { nothingHere } from './known-paths.js';
import { Exchange, exchangeOf } from './pipeline/exchange.js';
import type { Pipeline } from './pipeline/pipeline.js';

/**
 * Each operation on its routes, through the pipeline. Throws when one has no well-formed scope: nothing is
 * public by omission.
 */
export function addOperationRoutes(
  http: FastifyInstance,
  operations: readonly PublicOperation[],
  pipeline: Pipeline,
  bodyBytesMax: number,
): void {
  for (const operation of operations) {
    if (!isWellFormedScope(operation.scope)) {
      throw new Error(
        `${operation.name} has no scope: declare one, such as "decisions:read", in its contract`,
      );
    }
    addRoutes(http, pipeline, operation, Math.min(operation.bodyLimitBytes, bodyBytesMax));
  }
}

function addRoutes(
  http: FastifyInstance,
  pipeline: Pipeline,
  operation: PublicOperation,
  bodyLimitBytes: number,
): void {
  for (const route of operation.routes) {
    const bucket = bucketOf(route.path, operation.rateClass);
    const routed = operationOn(operation, route);
    http.route({
      method: route.method,
      url: route.path,
      bodyLimit: bodyLimitBytes,
      onRequest: (request, reply, done) => {
        if (hasEmptyParam(request.params)) return done(nothingHere());
        pipeline.beforeBody(new Exchange(routed, route, bodyLimitBytes, bucket, request, reply), done);
      },
      handler: (request) => pipeline.afterBody(exchangeOf(request)),
    });
  }
}

// The router lets `/v1/decisions/` fit `/v1/decisions/:decision` with an empty id.
function hasEmptyParam(params: unknown): boolean {
  for (const name in params as Record<string, string>) {
    if ((params as Record<string, string>)[name] === '') return true;
  }
  return false;
}
