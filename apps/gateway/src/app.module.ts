import { Caller, type NatsConnection } from '@magistry/messaging';
import type { Logger } from '@magistry/telemetry';
import { type DynamicModule, Module } from '@nestjs/common';
import { Admission } from './admission/admission.js';
import type { Config } from './config.js';
import { Drain } from './drain.js';
import { Readiness } from './health/readiness.js';
import { CredentialDirectory } from './identity/credential-directory.js';
import { Pipeline } from './pipeline/pipeline.js';
import { ReplayStore } from './pipeline/replay-store.js';

@Module({ providers: [Pipeline] })
class AppModule {}

/** The gateway on connections of its own. It has no controllers: its routes come from the contracts. */
export function appModule(
  connections: { nats: NatsConnection; admission: Admission },
  drain: Drain,
  config: Pick<Config, 'replaySecret'>,
  logger: Logger,
): DynamicModule {
  const { nats, admission } = connections;
  const caller = new Caller(nats);
  return {
    module: AppModule,
    providers: [
      { provide: Caller, useValue: caller },
      { provide: Drain, useValue: drain },
      { provide: Admission, useValue: admission },
      { provide: ReplayStore, useValue: new ReplayStore(admission, config.replaySecret) },
      { provide: Readiness, useValue: new Readiness(caller, nats, admission) },
      { provide: CredentialDirectory, useValue: new CredentialDirectory(caller, logger) },
    ],
  };
}
