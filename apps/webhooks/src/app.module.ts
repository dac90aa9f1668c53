import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { Clock } from './domain/clock.js';
import { GetEndpoint } from './operations/get-endpoint.js';
import { Database } from './storage/database.js';
import { EndpointRecords } from './storage/endpoint-records.js';
import { WebhooksController } from './webhooks.controller.js';

export interface WebhooksOptions {
  /** Closed when the app stops. */
  readonly database: Database;
  readonly now: () => number;
}

@Module({})
export class AppModule {
  static with(options: WebhooksOptions): DynamicModule {
    return {
      module: AppModule,
      controllers: [WebhooksController],
      providers: [
        provide(Database, options.database),
        provide(Clock, new Clock(options.now)),
        EndpointRecords,
        GetEndpoint,
      ],
    };
  }
}

function provide<Class>(type: Type<Class>, value: Class): Provider {
  return { provide: type, useValue: value };
}
