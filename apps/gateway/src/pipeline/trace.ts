import { keepTraceparent } from '@magistry/request-context';
import { startSpan } from '@magistry/telemetry';
import type { Stage } from './stage.js';

/** Goes on with the client's trace or begins one; its id is in the log line and in every service. */
export const trace: Stage = (exchange) => {
  const { operation, route } = exchange;
  const offered = exchange.header('traceparent');
  const span = startSpan(`gateway ${route.method} ${route.path}`, {
    kind: 'server',
    traceparent: offered,
    attributes: {
      'http.request.method': route.method,
      'http.route': route.path,
      'magistry.operation': operation.name,
    },
  });
  exchange.span = span;
  exchange.traceparent = span?.traceparent ?? keepTraceparent(offered);
};
