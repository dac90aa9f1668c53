import { API_VERSIONS, type PublicOperation, planner, publicOperations } from '@magistry/contracts';
import { Caller, LivePages } from '@magistry/messaging';
import { createLogger } from '@magistry/telemetry';
import { fastify } from 'fastify';
import { Admission } from './admission/admission.js';
import { Drain } from './drain.js';
import { CredentialDirectory } from './identity/credential-directory.js';
import { DpopProofs } from './identity/dpop-proofs.js';
import { Pipeline } from './pipeline/pipeline.js';
import { ReplayStore } from './pipeline/replay-store.js';
import { addOperationRoutes } from './routes.js';
import { EventLogs } from './streams/event-logs.js';
import { PublishedVersions } from './versions/published-versions.js';

// Nothing is asked here: the routes are only added.
const caller: Caller = Object.create(Caller.prototype);
const logger = createLogger('test', 'fatal');
const admission = new Admission({ redisUrl: 'redis://127.0.0.1:1', concurrentMax: 1 }, logger);
const pipeline = new Pipeline(
  new CredentialDirectory(caller, logger, { issuer: 'https://magistry.test', audience: 'nobody' }),
  caller,
  new Drain(),
  new PublishedVersions(API_VERSIONS, 'https://magistry.test', Date.now),
  admission,
  new ReplayStore(admission, 'a secret that is long enough for a test'),
  new EventLogs(caller, Object.create(LivePages.prototype), new AbortController().signal),
  new DpopProofs(admission, 'https://magistry.test'),
);
const routesOf = (operations: readonly PublicOperation[]) => {
  const http = fastify();
  addOperationRoutes(http, operations, pipeline, { bodyBytesMax: 1_000, runsPerSecond: undefined });
  return http;
};

test('every route of the contracts is served', () => {
  const http = routesOf(publicOperations);
  for (const { method, path } of publicOperations.flatMap(({ routes }) => routes)) {
    expect(http.hasRoute({ method, url: path })).toBe(true);
  }
});

test.each(['', ' ', 'planner:', 'PLANNER:write'])(
  'an operation with the scope %j does not start',
  (scope) => {
    expect(() => routesOf([{ ...planner.propose, scope }])).toThrow(/planner.propose has no scope/);
  },
);
