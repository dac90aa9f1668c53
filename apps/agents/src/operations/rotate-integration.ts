import type { agents } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { integrationId, integrationNotFound } from '../domain/integration-id.js';
import { renderIntegration } from '../domain/views/integration-view.js';
import { IntegrationKeys } from '../messages/integration-keys.js';
import { IntegrationStore } from '../storage/integration-store.js';
import { KeyedWrites } from '../storage/keyed-writes.js';

/** POST /api/v1/integrations/:id/rotate: sessions and limits stay the integration's, whichever key is used. */
@Injectable()
export class RotateIntegration {
  constructor(
    private readonly integrations: IntegrationStore,
    private readonly keys: IntegrationKeys,
    private readonly writes: KeyedWrites,
  ) {}

  execute({ context, params, body }: PublicRequest<typeof agents.rotateIntegration>): Promise<Answer> {
    const workspaceId = workspaceOf(context).id;
    const id = integrationId(params.id);
    return this.writes.run(context, async (transaction) => {
      const integration = await this.integrations.lock(transaction, workspaceId, id);
      if (!integration) throw integrationNotFound();
      const rotated = await this.keys.rotate(context, integration.apiKeyId, body.grace_period_hours);
      await this.integrations.setKey(transaction, workspaceId, id, rotated.apiKeyId);
      const { key, graceEndsAt: grace_period_ends_at } = rotated;
      const data = { ...renderIntegration(integration), key, grace_period_ends_at };
      return jsonAnswer({ message: 'Integration key rotated successfully.', data });
    });
  }
}
