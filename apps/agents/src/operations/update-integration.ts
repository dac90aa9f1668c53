import type { agents } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { integrationId, integrationNotFound } from '../domain/integration-id.js';
import { renderIntegration } from '../domain/views/integration-view.js';
import { IntegrationStore } from '../storage/integration-store.js';

/** PATCH /api/v1/integrations/:id: what is named changes; a message of a disabled one is integration_inactive. */
@Injectable()
export class UpdateIntegration {
  constructor(private readonly integrations: IntegrationStore) {}

  async execute({ context, params, body }: PublicRequest<typeof agents.updateIntegration>): Promise<Answer> {
    const { name, status, daily_credit_limit: dailyCreditLimit } = body;
    const change = { name, status, dailyCreditLimit };
    const id = integrationId(params.id);
    const changed = await this.integrations.update(workspaceOf(context).id, id, change);
    if (!changed) throw integrationNotFound();
    return jsonAnswer({ data: renderIntegration(changed) });
  }
}
