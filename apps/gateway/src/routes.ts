import { type PublicOperation, publicOperations } from '@magistry/contracts';
import type { FastifyInstance } from 'fastify';
import { nothingHere } from './known-paths.js';
import { Exchange, exchangeOf } from './pipeline/exchange.js';
import type { Pipeline } from './pipeline/pipeline.js';

/**
 * Every public operation of the contracts on its routes, each through the pipeline. Throws when an operation
 * has no scope: nothing is public by omission.
 */
export function addOperationRoutes(http: FastifyInstance, pipeline: Pipeline, bodyBytesMax: number): void {
  for (const operation of publicOperations) {
    if (!operation.scope) throw new Error(`${operation.name} has no scope; declare one in its contract`);
    addRoutes(http, pipeline, operation, Math.min(operation.bodyLimitBytes, bodyBytesMax));
  }
}

function addRoutes(
  http: FastifyInstance,
  pipeline: Pipeline,
  operation: PublicOperation,
  bodyLimitBytes: number,
): void {
  for (const { method, path } of operation.routes) {
    http.route({
      method,
      url: path,
      bodyLimit: bodyLimitBytes,
      onRequest: (request, reply, done) => {
        if (hasEmptyParam(request.params)) return done(nothingHere());
        pipeline.beforeBody(new Exchange(operation, bodyLimitBytes, request, reply), done);
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
