import type { webhooks } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { principalOf, workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { renderCreated } from '../domain/endpoint.js';
import { normaliseEvents } from '../domain/events/event-names.js';
import { styled } from '../domain/styled.js';
import { ReceiverCheck } from '../receivers/receiver-check.js';
import { signingSecret } from '../receivers/signing-secret.js';
import { EndpointRecords } from '../storage/endpoint-records.js';
import { EndpointSecrets } from '../storage/endpoint-secrets.js';
import { KeyedWrites } from '../storage/keyed-writes.js';

type Operation = typeof webhooks.createEndpoint;

/** POST /api/v1/webhooks: a receiver, its secret shown in this answer and to a retry of it, never again. */
@Injectable()
export class CreateEndpoint {
  constructor(
    private readonly endpoints: EndpointRecords,
    private readonly secrets: EndpointSecrets,
    private readonly writes: KeyedWrites,
    private readonly receivers: ReceiverCheck,
    private readonly clock: Clock,
  ) {}

  async execute({ context, route, body }: PublicRequest<Operation>): Promise<Answer> {
    const events = normaliseEvents(body.events);
    const secret = signingSecret(body.secret);
    if (body.url !== null) await this.receivers.require(body.url);
    const { id: workspaceId, slug: tenant } = workspaceOf(context);
    const { url, is_active: isActive, signing, filter, ordering, retry_schedule: retrySchedule } = body;
    const settings = {
      ...{ url, events, isActive, signing, filter, retrySchedule },
      orderingPath: ordering?.key ?? null,
      orderingOnFailure: ordering?.on_failure ?? null,
      apiVersion: body.api_version ?? context.apiVersion,
    };
    return this.writes.run(context, async (transaction) => {
      const createdAt = this.clock.second();
      const wanted = { ...settings, workspaceId, tenant, createdBy: principalOf(context).id };
      const id = await this.endpoints.insert(transaction, wanted, createdAt);
      await this.secrets.add(transaction, { id, workspaceId }, secret, createdAt);
      const data = renderCreated({ id, url, events, isActive, createdAt }, secret);
      return jsonAnswer(styled(route, data, 'Webhook endpoint created successfully.'), 201);
    });
  }
}
