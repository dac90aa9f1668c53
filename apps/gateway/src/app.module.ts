import { Caller, type NatsConnection } from '@magistry/messaging';
import type { Logger } from '@magistry/telemetry';
import { type DynamicModule, Module } from '@nestjs/common';
import { Drain } from './drain.js';
import { Readiness } from './health/readiness.js';
import { CredentialDirectory } from './identity/credential-directory.js';
import { Pipeline } from './pipeline/pipeline.js';
import { PublishedVersions } from './versions/published-versions.js';

@Module({ providers: [Pipeline] })
class AppModule {}

/** The gateway on a connection of its own. It has no controllers: its routes come from the contracts. */
export function appModule(
  nats: NatsConnection,
  drain: Drain,
  versions: PublishedVersions,
  logger: Logger,
): DynamicModule {
  const caller = new Caller(nats);
  return {
    module: AppModule,
    providers: [
      { provide: Caller, useValue: caller },
      { provide: Drain, useValue: drain },
      { provide: PublishedVersions, useValue: versions },
      { provide: Readiness, useValue: new Readiness(caller, nats, drain) },
      { provide: CredentialDirectory, useValue: new CredentialDirectory(caller, logger) },
    ],
  };
}
