import type { webhooks } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { type Delivery, shownAttempt } from '../domain/delivery.js';
import type { Endpoint } from '../domain/endpoint.js';
import { deliveryId, deliveryNotFound, endpointId, endpointNotFound } from '../domain/path-id.js';
import { styled } from '../domain/styled.js';
import { DeliveryRecords } from '../storage/delivery-records.js';
import { EndpointRecords } from '../storage/endpoint-records.js';
import { KeyedWrites } from '../storage/keyed-writes.js';

type Operation = typeof webhooks.retryDelivery;

/** POST /api/v1/webhooks/:id/deliveries/:delivery/retry: due at once, also after its last attempt. */
@Injectable()
export class RetryDelivery {
  constructor(
    private readonly endpoints: EndpointRecords,
    private readonly deliveries: DeliveryRecords,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
  ) {}

  async execute({ context, route, params }: PublicRequest<Operation>): Promise<Answer> {
    const id = endpointId(params.id);
    const wanted = deliveryId(params.delivery);
    return this.writes.run(context, async (transaction) => {
      const endpoint = await this.endpoints.lock(transaction, workspaceOf(context).id, id);
      if (!endpoint) throw endpointNotFound();
      const found = await this.deliveries.find(transaction, id, wanted);
      if (!found) throw deliveryNotFound();
      requireReachable(endpoint);
      const queued = await this.deliveries.retry(transaction, id, wanted, new Date(this.clock.now()));
      if (!queued) throw cannotRetry(found);
      const data = { id: Number(queued.id), status: queued.status, attempt: shownAttempt(queued) };
      return jsonAnswer(styled(route, data, 'Delivery queued for retry.'));
    });
  }
}

function requireReachable({ isActive, url }: Endpoint): void {
  if (isActive && url !== null) return;
  const why = url === null ? 'It takes no pushes: poll its events.' : 'It is inactive: activate it first.';
  throw new ProblemError('cannot_retry', `Nothing can be sent to this endpoint. ${why}`);
}

const WHY: Readonly<Record<Delivery['status'], string>> = {
  success: 'It has arrived already.',
  pending: 'It waits to be sent already.',
  retrying: 'It is being sent right now.',
  failed: 'It is being sent right now.',
};

function cannotRetry({ status }: Delivery): ProblemError {
  return new ProblemError('cannot_retry', `This delivery cannot be retried. ${WHY[status]}`);
}
