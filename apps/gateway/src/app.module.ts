import { Caller, LivePages, type NatsConnection } from '@magistry/messaging';
import type { Logger } from '@magistry/telemetry';
import { type DynamicModule, Module } from '@nestjs/common';
import { Admission } from './admission/admission.js';
import type { Config } from './config.js';
import { Drain } from './drain.js';
import { Readiness } from './health/readiness.js';
import { CredentialDirectory } from './identity/credential-directory.js';
import { DpopProofs } from './identity/dpop-proofs.js';
import { MagsagKey } from './identity/magsag-key.js';
import { Pipeline } from './pipeline/pipeline.js';
import { ReplayStore } from './pipeline/replay-store.js';
import { EventLogs } from './streams/event-logs.js';
import { PublishedVersions } from './versions/published-versions.js';

@Module({ providers: [Pipeline] })
class AppModule {}

/** What the gateway stands on, made before it. */
interface Foundations {
  readonly nats: NatsConnection;
  readonly admission: Admission;
  readonly drain: Drain;
  readonly versions: PublishedVersions;
}

/** The gateway on connections of its own. It has no controllers: its routes come from the contracts. */
export function appModule(
  { nats, admission, drain, versions }: Foundations,
  config: Pick<Config, 'replaySecret' | 'baseUrl' | 'tokenAudience' | 'magsagKey'>,
  logger: Logger,
): DynamicModule {
  const caller = new Caller(nats);
  const { magsagKey } = config;
  const tokens = { issuer: config.baseUrl, audience: config.tokenAudience };
  const directory = new CredentialDirectory(caller, logger, tokens);
  return {
    module: AppModule,
    providers: [
      { provide: Caller, useValue: caller },
      { provide: Drain, useValue: drain },
      { provide: EventLogs, useValue: new EventLogs(caller, new LivePages(nats), drain.endOfStreams) },
      { provide: PublishedVersions, useValue: versions },
      { provide: Admission, useValue: admission },
      { provide: DpopProofs, useValue: new DpopProofs(admission, config.baseUrl) },
      { provide: ReplayStore, useValue: new ReplayStore(admission, config.replaySecret) },
      { provide: Readiness, useValue: new Readiness(caller, nats, drain, admission) },
      { provide: CredentialDirectory, useValue: directory },
      ...(magsagKey ? [{ provide: MagsagKey, useValue: new MagsagKey(magsagKey, directory) }] : []),
    ],
  };
}
