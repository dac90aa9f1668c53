import { GuardedClient } from '@magistry/egress';
import { AnswerSeal } from '@magistry/idempotency';
import type { NatsConnection } from '@magistry/messaging';
import { SecretSeal } from '@magistry/persistence';
import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { Clock } from './domain/clock.js';
import { PublicAddress } from './domain/public-address.js';
import { EventsController } from './events.controller.js';
import { LedgerIntake } from './intake/ledger-intake.js';
import { Housekeeping } from './jobs/housekeeping.js';
import { ReplayRunner } from './jobs/replay-runner.js';
import { CancelJob } from './operations/cancel-job.js';
import { CreateEndpoint } from './operations/create-endpoint.js';
import { DeleteEndpoint } from './operations/delete-endpoint.js';
import { GetDelivery } from './operations/get-delivery.js';
import { GetEndpoint } from './operations/get-endpoint.js';
import { GetJob } from './operations/get-job.js';
import { GetSigningKeys } from './operations/get-signing-keys.js';
import { ListDeliveries } from './operations/list-deliveries.js';
import { ListEndpoints } from './operations/list-endpoints.js';
import { ListEventTypes } from './operations/list-event-types.js';
import { ListJobs } from './operations/list-jobs.js';
import { PollEvents } from './operations/poll-events.js';
import { PublishEvent } from './operations/publish-event.js';
import { RegisterEventType } from './operations/register-event-type.js';
import { ReplayEvents } from './operations/replay-events.js';
import { RetryDelivery } from './operations/retry-delivery.js';
import { RotateSecret } from './operations/rotate-secret.js';
import { TestEndpoint } from './operations/test-endpoint.js';
import { UpdateEndpoint } from './operations/update-endpoint.js';
import { ReceiverCheck } from './receivers/receiver-check.js';
import { Database } from './storage/database.js';
import { DeliveryRecords } from './storage/delivery-records.js';
import { EndpointRecords } from './storage/endpoint-records.js';
import { EndpointSecrets } from './storage/endpoint-secrets.js';
import { EventCursors } from './storage/event-cursors.js';
import { EventTypes } from './storage/event-types.js';
import { EventWeeks } from './storage/event-weeks.js';
import { FanOut } from './storage/fan-out.js';
import { JobRecords } from './storage/job-records.js';
import { KeyedWrites } from './storage/keyed-writes.js';
import { PolledEvents } from './storage/polled-events.js';
import { PublishedIds } from './storage/published-ids.js';
import { ReplayStore } from './storage/replay-store.js';
import { SealedSecrets, secretsSeal } from './storage/sealed-secrets.js';
import { SigningKeys } from './storage/signing-keys.js';
import { WebhooksController } from './webhooks.controller.js';

export interface WebhooksOptions {
  readonly nats: NatsConnection;
  /** False leaves the ledger's events to other processes. */
  readonly followsLedger: boolean;
  /** Closed when the app stops. */
  readonly database: Database;
  /** Calls receivers; closed when the app stops. */
  readonly client: GuardedClient;
  /** Seals first answers of keyed writes. */
  readonly sealingSecret: string;
  /** Seals the secrets that sign deliveries. */
  readonly webhookSealingSecret: string;
  /** Opens what it has sealed, and seals nothing. */
  readonly otherWebhookSealingSecret?: string | undefined;
  /** Where users reach the gateway, without a slash at the end. */
  readonly baseUrl: string;
  readonly now: () => number;
}

@Module({})
export class AppModule {
  static with(options: WebhooksOptions): DynamicModule {
    const clock = new Clock(options.now);
    const seal = secretsSeal(options.webhookSealingSecret, options.otherWebhookSealingSecret);
    const answers = new AnswerSeal(options.sealingSecret);
    return {
      module: AppModule,
      controllers: [WebhooksController, EventsController],
      providers: [
        provide(Database, options.database),
        provide(Clock, clock),
        provide(PublicAddress, new PublicAddress(options.baseUrl)),
        provide(KeyedWrites, new KeyedWrites(options.database, answers, clock)),
        provide(SecretSeal, seal),
        provide(SigningKeys, new SigningKeys(options.database, seal)),
        provide(GuardedClient, options.client),
        provide(ReceiverCheck, new ReceiverCheck(options.client)),
        ...[EndpointRecords, EndpointSecrets, SealedSecrets, DeliveryRecords, EventTypes, EventWeeks, FanOut],
        ...(options.followsLedger ? [ledgerIntake(options.nats)] : []),
        ...[EventCursors, JobRecords, PolledEvents, PublishedIds, ReplayStore, Housekeeping, ReplayRunner],
        ...[ListEndpoints, GetEndpoint, CreateEndpoint, UpdateEndpoint, DeleteEndpoint, RotateSecret],
        TestEndpoint,
        ...[ListDeliveries, GetDelivery, RetryDelivery],
        ...[ListEventTypes, RegisterEventType, PublishEvent, PollEvents],
        ...[ReplayEvents, ListJobs, GetJob, CancelJob, GetSigningKeys],
      ],
    };
  }
}

function ledgerIntake(nats: NatsConnection): Provider {
  type Parts = [Database, EventCursors, EventWeeks, FanOut, Clock];
  return {
    provide: LedgerIntake,
    inject: [Database, EventCursors, EventWeeks, FanOut, Clock],
    useFactory: (...[database, cursors, weeks, fanOut, clock]: Parts) =>
      new LedgerIntake(nats, { database, cursors, weeks, fanOut, clock }),
  };
}

function provide<Class>(type: Type<Class>, value: Class): Provider {
  return { provide: type, useValue: value };
}
