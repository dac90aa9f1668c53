import { isWellFormedScope } from '@magistry/access';
import { operationOn, type PublicOperation } from '@magistry/contracts';
import type { FastifyInstance } from 'fastify';
import { routeRule } from './admission/rate-table.js';
import { nothingHere } from './known-paths.js';
import { Exchange, exchangeOf } from './pipeline/exchange.js';
import type { Pipeline } from './pipeline/pipeline.js';

/** What the deployment sets for all routes, or for all of a kind. */
export interface RouteLimits {
  /** No body is larger, whatever its operation allows. */
  readonly bodyBytesMax: number;
  /** Requests of one credential on the routes of seed 004; undefined leaves them to its tier. */
  readonly runsPerSecond: number | undefined;
}

/**
 * Each operation on its routes, through the pipeline. Throws when one has no well-formed scope: nothing is
 * public by omission.
 */
export function addOperationRoutes(
  http: FastifyInstance,
  operations: readonly PublicOperation[],
  pipeline: Pipeline,
  limits: RouteLimits,
): void {
  for (const operation of operations) {
    if (!isWellFormedScope(operation.scope)) {
      throw new Error(
        `${operation.name} has no scope: declare one, such as "decisions:read", in its contract`,
      );
    }
    addRoutes(http, pipeline, operation, limits);
  }
}

function addRoutes(
  http: FastifyInstance,
  pipeline: Pipeline,
  operation: PublicOperation,
  { bodyBytesMax, runsPerSecond }: RouteLimits,
): void {
  const bodyLimitBytes = Math.min(operation.bodyLimitBytes, bodyBytesMax);
  for (const route of operation.routes) {
    const ruleOf = routeRule(route, operation.rateClass, runsPerSecond);
    const routed = operationOn(operation, route);
    http.route({
      method: route.method,
      url: route.path,
      bodyLimit: bodyLimitBytes,
      onRequest: (request, reply, done) => {
        if (hasEmptyParam(request.params)) return done(nothingHere());
        pipeline.beforeBody(new Exchange(routed, route, bodyLimitBytes, ruleOf, request, reply), done);
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
