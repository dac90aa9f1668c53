import { setTimeout as pause } from 'node:timers/promises';
import { API_VERSIONS, type PublicOperation, publicOperations, type versionChain } from '@magistry/contracts';
import { Caller, connectNats } from '@magistry/messaging';
import { type Logger, nestLogger } from '@magistry/telemetry';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Admission } from './admission/admission.js';
import { deploymentRule, githubRule, unauthenticatedRule } from './admission/rate-table.js';
import { appModule } from './app.module.js';
import type { Config } from './config.js';
import { Drain } from './drain.js';
import { EdgeAdapter } from './edge-adapter.js';
import { addGithubRoutes } from './github/github.routes.js';
import { addHealthRoutes } from './health/health.routes.js';
import { Readiness } from './health/readiness.js';
import { CredentialDirectory } from './identity/credential-directory.js';
import { CredentialWatch } from './identity/credential-watch.js';
import { AuthorizationServer } from './oauth/authorization-server.js';
import { addOAuthRoutes } from './oauth/oauth.routes.js';
import { addProtectedResource } from './oauth/protected-resource.js';
import { ChargeRefusal, chargeAddress } from './pipeline/charge-refusal.js';
import { Pipeline } from './pipeline/pipeline.js';
import { ProblemPresenter } from './presenters/problem.js';
import { addReferenceRoutes } from './reference/reference.routes.js';
import { readReferenceFiles } from './reference/reference-files.js';
import { addOperationRoutes } from './routes.js';
import { prefixed } from './runs-prefix.js';
import { PublishedVersions } from './versions/published-versions.js';
import { addWebhookKeysRoute } from './webhooks/webhook-keys.routes.js';

/** A client that is slower than this at shutdown is cut off. */
const DRAIN_TIMEOUT_MS = 10_000;

export interface Gateway {
  readonly url: string;
  /** Every route as `GET /v1/decisions/:decision`, without HEAD and OPTIONS. */
  readonly routes: readonly string[];
  /**
   * Says that it is not ready and goes on answering for the drain delay, then takes no more connections, answers
   * what is in flight and leaves NATS.
   */
  stop(): Promise<void>;
}

/** What a test may put in the place of the real thing. */
export interface Surroundings {
  readonly now?: () => number;
  /** The chain of version changes by operation and version. */
  readonly chainOf?: typeof versionChain;
  readonly operations?: readonly PublicOperation[];
}

/** Connects to NATS and listens. Rejects when the port is taken or a route is declared wrongly. */
export async function startGateway(
  config: Config,
  logger: Logger,
  { now = Date.now, chainOf, operations = publicOperations }: Surroundings = {},
): Promise<Gateway> {
  const nats = await connectNats({ url: config.natsUrl, service: 'gateway', logger });
  const { redisCacheUrl: redisUrl, concurrentRequestsMax: concurrentMax } = config;
  const admission = new Admission({ redisUrl, concurrentMax }, logger);
  await admission.start();
  const drain = new Drain();
  const { unauthenticatedPerMinute, runsPerSecond } = config;
  const strangers = unauthenticatedRule(unauthenticatedPerMinute);
  const runs = runsPerSecond === undefined ? undefined : deploymentRule('runs', runsPerSecond);
  const chargeRefusal = new ChargeRefusal(admission, strangers, runs);
  const presenter = new ProblemPresenter(config.baseUrl, drain, logger);
  const adapter = new EdgeAdapter(presenter, chargeRefusal, logger, prefixed(config.runsPrefix));
  const versions = new PublishedVersions(API_VERSIONS, config.baseUrl, now, chainOf);
  const module = appModule({ nats, admission, drain, versions }, config, logger);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    logger: nestLogger(logger),
  });
  addHealthRoutes(adapter.http, app.get(Readiness));
  addReferenceRoutes(adapter.http, readReferenceFiles());
  const limits = { bodyBytesMax: config.requestBytesMax, runsPerSecond };
  addOperationRoutes(adapter.http, operations, app.get(Pipeline), limits);
  addProtectedResource(adapter.http, config.baseUrl, chargeRefusal);
  addWebhookKeysRoute(adapter.http, app.get(Caller), chargeRefusal);
  const github = githubRule(runsPerSecond);
  addGithubRoutes(adapter.http, {
    ...{ caller: app.get(Caller), chargeRefusal },
    charge: (ip) => chargeAddress(admission, github, ip),
    requestBytesMax: config.requestBytesMax,
  });
  addOAuthRoutes(adapter.http, new AuthorizationServer(app.get(Caller), logger), chargeRefusal);
  const directory = app.get(CredentialDirectory);
  const watch = new CredentialWatch(nats, app.get(Caller), directory);
  directory.uses.start();
  await app.listen(config.port, config.host);
  return {
    url: await app.getUrl(),
    routes: adapter.routes,
    stop: async () => {
      drain.isStarted = true;
      await pause(config.drainDelayMs);
      drain.endStreams();
      const cutOff = setTimeout(() => adapter.http.server.closeAllConnections(), DRAIN_TIMEOUT_MS);
      await app.close();
      clearTimeout(cutOff);
      watch.stop();
      await directory.uses.stop();
      admission.stop();
      // Without a server there is nobody to drain to.
      await nats.drain().catch(() => nats.close());
    },
  };
}
