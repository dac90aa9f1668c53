import type { webhooks } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { changedEndpoint, type EndpointChange } from '../domain/changed-endpoint.js';
import { Clock } from '../domain/clock.js';
import { type Endpoint, renderEndpoint } from '../domain/endpoint.js';
import { normaliseEvents, subscribes } from '../domain/events/event-names.js';
import { endpointId, endpointNotFound } from '../domain/path-id.js';
import { styled } from '../domain/styled.js';
import { ReceiverCheck } from '../receivers/receiver-check.js';
import type { Queryable } from '../storage/database.js';
import { DeliveryRecords } from '../storage/delivery-records.js';
import { EndpointRecords } from '../storage/endpoint-records.js';
import { KeyedWrites } from '../storage/keyed-writes.js';

type Operation = typeof webhooks.updateEndpoint;

/**
 * PATCH /api/v1/webhooks/:id. What is queued follows in the same commit: it goes to the new URL, waits while the
 * endpoint is inactive, and is cancelled where its type is no longer subscribed to.
 */
@Injectable()
export class UpdateEndpoint {
  constructor(
    private readonly endpoints: EndpointRecords,
    private readonly deliveries: DeliveryRecords,
    private readonly writes: KeyedWrites,
    private readonly receivers: ReceiverCheck,
    private readonly clock: Clock,
  ) {}

  async execute({ context, route, params, body }: PublicRequest<Operation>): Promise<Answer> {
    const id = endpointId(params.id);
    const workspaceId = workspaceOf(context).id;
    const events = body.events && normaliseEvents(body.events);
    if (body.url) await this.receivers.require(body.url);
    return this.writes.run(context, async (transaction) => {
      const before = await this.endpoints.lock(transaction, workspaceId, id);
      if (!before) throw endpointNotFound();
      const change = changedEndpoint(before, { ...body, events });
      const now = new Date(this.clock.now());
      await this.endpoints.update(
        transaction,
        id,
        change.settings,
        change.disabledReason,
        this.clock.second(),
      );
      await this.follow(transaction, id, change, now);
      const after = await this.endpoints.lock(transaction, workspaceId, id);
      return jsonAnswer(styled(route, renderEndpoint(after as Endpoint)));
    });
  }

  private async follow(transaction: Queryable, id: number, change: EndpointChange, now: Date): Promise<void> {
    if (change.isForgiven) await this.endpoints.forgive(transaction, id, now);
    if (change.isNarrowed) {
      const queued = await this.deliveries.queuedTypes(transaction, id);
      const unwanted = queued.filter((type) => !subscribes(change.settings.events, type));
      await this.deliveries.cancel(transaction, id, 'unsubscribed', unwanted);
    }
    if (change.queue === 'hold') await this.deliveries.hold(transaction, id);
    if (change.queue === 'release') await this.deliveries.release(transaction, id, now);
  }
}
