import type { webhooks } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { renderAttempt, renderDelivery } from '../domain/delivery.js';
import { deliveryId, deliveryNotFound, endpointId, endpointNotFound } from '../domain/path-id.js';
import { styled } from '../domain/styled.js';
import { DeliveryRecords } from '../storage/delivery-records.js';
import { EndpointRecords } from '../storage/endpoint-records.js';

type Operation = typeof webhooks.getDelivery;

/** GET /api/v1/webhooks/:id/deliveries/:delivery, with its attempts. */
@Injectable()
export class GetDelivery {
  constructor(
    private readonly endpoints: EndpointRecords,
    private readonly deliveries: DeliveryRecords,
  ) {}

  async execute({ context, route, params }: PublicRequest<Operation>): Promise<Answer> {
    const workspaceId = workspaceOf(context).id;
    const id = endpointId(params.id);
    if (!(await this.endpoints.find(workspaceId, id))) throw endpointNotFound();
    const found = await this.deliveries.findWithAttempts(workspaceId, id, deliveryId(params.delivery));
    if (!found) throw deliveryNotFound();
    const attempts = found.attempts.map(renderAttempt);
    return jsonAnswer(styled(route, { ...renderDelivery(found.delivery), attempts }));
  }
}
