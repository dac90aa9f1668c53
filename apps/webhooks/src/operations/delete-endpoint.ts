import type { webhooks } from '@magistry/contracts';
import { type Answer, NO_CONTENT, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { endpointId, endpointNotFound } from '../domain/path-id.js';
import { DeliveryRecords } from '../storage/delivery-records.js';
import { EndpointRecords } from '../storage/endpoint-records.js';
import { JobRecords } from '../storage/job-records.js';
import { KeyedWrites } from '../storage/keyed-writes.js';

type Operation = typeof webhooks.deleteEndpoint;

/** DELETE /api/v1/webhooks/:id: its secrets, its queue and its replays end in the same commit. */
@Injectable()
export class DeleteEndpoint {
  constructor(
    private readonly endpoints: EndpointRecords,
    private readonly deliveries: DeliveryRecords,
    private readonly jobs: JobRecords,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
  ) {}

  async execute({ context, params }: PublicRequest<Operation>): Promise<Answer> {
    const id = endpointId(params.id);
    const workspaceId = workspaceOf(context).id;
    return this.writes.run(context, async (transaction) => {
      if (!(await this.endpoints.lock(transaction, workspaceId, id))) throw endpointNotFound();
      await this.endpoints.remove(transaction, id, this.clock.second());
      await this.deliveries.cancel(transaction, id, 'endpoint_deleted', null);
      await this.jobs.cancelOf(transaction, id, new Date(this.clock.now()));
      return NO_CONTENT;
    });
  }
}
