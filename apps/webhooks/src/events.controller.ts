import { webhooks } from '@magistry/contracts';
import { type CallRequest, Handles, type PublicRequest } from '@magistry/messaging';
import { Controller } from '@nestjs/common';
import { CancelJob } from './operations/cancel-job.js';
import { GetJob } from './operations/get-job.js';
import { GetSigningKeys } from './operations/get-signing-keys.js';
import { ListEventTypes } from './operations/list-event-types.js';
import { ListJobs } from './operations/list-jobs.js';
import { PollEvents } from './operations/poll-events.js';
import { PublishEvent } from './operations/publish-event.js';
import { RegisterEventType } from './operations/register-event-type.js';
import { ReplayEvents } from './operations/replay-events.js';

/** Events, their catalogue, jobs that send them again, and the keys that sign them. */
@Controller()
export class EventsController {
  constructor(
    private readonly listEventTypesOperation: ListEventTypes,
    private readonly registerEventTypeOperation: RegisterEventType,
    private readonly publishEventOperation: PublishEvent,
    private readonly pollEventsOperation: PollEvents,
    private readonly replayEventsOperation: ReplayEvents,
    private readonly listJobsOperation: ListJobs,
    private readonly getJobOperation: GetJob,
    private readonly cancelJobOperation: CancelJob,
    private readonly getSigningKeysOperation: GetSigningKeys,
  ) {}

  @Handles(webhooks.listEventTypes)
  listEventTypes(request: PublicRequest<typeof webhooks.listEventTypes>) {
    return this.listEventTypesOperation.execute(request);
  }

  @Handles(webhooks.registerEventType)
  registerEventType(request: PublicRequest<typeof webhooks.registerEventType>) {
    return this.registerEventTypeOperation.execute(request);
  }

  @Handles(webhooks.publishEvent)
  publishEvent(request: PublicRequest<typeof webhooks.publishEvent>) {
    return this.publishEventOperation.execute(request);
  }

  @Handles(webhooks.pollEvents)
  pollEvents(request: PublicRequest<typeof webhooks.pollEvents>) {
    return this.pollEventsOperation.execute(request);
  }

  @Handles(webhooks.replayEvents)
  replayEvents(request: PublicRequest<typeof webhooks.replayEvents>) {
    return this.replayEventsOperation.execute(request);
  }

  @Handles(webhooks.listJobs)
  listJobs(request: PublicRequest<typeof webhooks.listJobs>) {
    return this.listJobsOperation.execute(request);
  }

  @Handles(webhooks.getJob)
  getJob(request: PublicRequest<typeof webhooks.getJob>) {
    return this.getJobOperation.execute(request);
  }

  @Handles(webhooks.cancelJob)
  cancelJob(request: PublicRequest<typeof webhooks.cancelJob>) {
    return this.cancelJobOperation.execute(request);
  }

  @Handles(webhooks.getSigningKeys)
  getSigningKeys(request: CallRequest<typeof webhooks.getSigningKeys>) {
    return this.getSigningKeysOperation.execute(request);
  }
}
