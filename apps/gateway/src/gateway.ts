import { publicOperations } from '@magistry/contracts';
import { connectNats } from '@magistry/messaging';
import { type Logger, nestLogger } from '@magistry/telemetry';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Admission } from './admission/admission.js';
import { unauthenticatedRule } from './admission/rate-table.js';
import { appModule } from './app.module.js';
import type { Config } from './config.js';
import { Drain } from './drain.js';
import { EdgeAdapter } from './edge-adapter.js';
import { addHealthRoutes } from './health/health.routes.js';
import { Readiness } from './health/readiness.js';
import { ChargeRefusal } from './pipeline/charge-refusal.js';
import { Pipeline } from './pipeline/pipeline.js';
import { ProblemPresenter } from './presenters/problem.js';
import { addOperationRoutes } from './routes.js';

/** A client that is slower than this at shutdown is cut off. */
const DRAIN_TIMEOUT_MS = 10_000;

export interface Gateway {
  readonly url: string;
  /** Takes no more connections, answers what is in flight, then leaves NATS. */
  stop(): Promise<void>;
}

/** Connects to NATS and listens. Rejects when the port is taken or a route is declared wrongly. */
export async function startGateway(config: Config, logger: Logger): Promise<Gateway> {
  const nats = await connectNats({ url: config.natsUrl, service: 'gateway' });
  const { redisCacheUrl: redisUrl, concurrentRequestsMax: concurrentMax } = config;
  const admission = new Admission({ redisUrl, concurrentMax }, logger);
  await admission.start();
  const drain = new Drain();
  const chargeRefusal = new ChargeRefusal(admission, unauthenticatedRule(config.unauthenticatedPerMinute));
  const presenter = new ProblemPresenter(config.baseUrl, drain, logger);
  const adapter = new EdgeAdapter(presenter, chargeRefusal, logger);
  const module = appModule({ nats, admission }, drain, config, logger);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    logger: nestLogger(logger),
  });
  addHealthRoutes(adapter.http, app.get(Readiness));
  addOperationRoutes(adapter.http, publicOperations, app.get(Pipeline), config.requestBytesMax);
  await app.listen(config.port, config.host);
  return {
    url: await app.getUrl(),
    stop: async () => {
      drain.isStarted = true;
      const cutOff = setTimeout(() => adapter.http.server.closeAllConnections(), DRAIN_TIMEOUT_MS);
      await app.close();
      clearTimeout(cutOff);
      admission.stop();
      // Without a server there is nobody to drain to.
      await nats.drain().catch(() => nats.close());
    },
  };
}
