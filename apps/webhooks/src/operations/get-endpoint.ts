import type { webhooks } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { renderEndpoint } from '../domain/endpoint.js';
import { endpointId, endpointNotFound } from '../domain/path-id.js';
import { styled } from '../domain/styled.js';
import { EndpointRecords } from '../storage/endpoint-records.js';

/** GET /api/v1/webhooks/:id */
@Injectable()
export class GetEndpoint {
  constructor(private readonly endpoints: EndpointRecords) {}

  async execute({ context, route, params }: PublicRequest<typeof webhooks.getEndpoint>): Promise<Answer> {
    const endpoint = await this.endpoints.find(workspaceOf(context).id, endpointId(params.id));
    if (!endpoint) throw endpointNotFound();
    return jsonAnswer(styled(route, renderEndpoint(endpoint)));
  }
}
