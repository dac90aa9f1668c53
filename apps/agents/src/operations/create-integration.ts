import type { agents } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { principalOf, workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { renderIntegration } from '../domain/views/integration-view.js';
import { IntegrationKeys } from '../messages/integration-keys.js';
import { AgentRegistry } from '../registry/agent-registry.js';
import { IntegrationStore } from '../storage/integration-store.js';
import { KeyedWrites } from '../storage/keyed-writes.js';

/**
 * POST /api/v1/integrations: a key bound to one agent, shown in this answer and to a retry of it. A key whose
 * integration a crash kept from being written opens nothing.
 */
@Injectable()
export class CreateIntegration {
  constructor(
    private readonly registry: AgentRegistry,
    private readonly keys: IntegrationKeys,
    private readonly integrations: IntegrationStore,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
  ) {}

  async execute({ context, body }: PublicRequest<typeof agents.createIntegration>): Promise<Answer> {
    const workspaceId = workspaceOf(context).id;
    const { slug } = await this.registry.find(workspaceId, body.agent);
    return this.writes.run(context, async (transaction) => {
      const { apiKeyId, key } = await this.keys.create(context, body.name);
      const made = await this.integrations.insert(transaction, workspaceId, {
        ...{ name: body.name, slug, apiKeyId },
        principalId: `key:${apiKeyId}`,
        scopes: [...principalOf(context).scopes],
        dailyCreditLimit: body.daily_credit_limit ?? null,
        createdAt: this.clock.date(),
      });
      const data = { ...renderIntegration(made), key };
      return jsonAnswer({ message: 'Integration created successfully.', data }, 201);
    });
  }
}
