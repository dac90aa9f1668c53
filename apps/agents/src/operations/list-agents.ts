import type { agents } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { AgentRegistry } from '../registry/agent-registry.js';

/** GET /api/v1/agents: seed 004's bare array. */
@Injectable()
export class ListAgents {
  constructor(private readonly registry: AgentRegistry) {}

  async execute({ context }: PublicRequest<typeof agents.listAgents>): Promise<Answer> {
    const definitions = await this.registry.list(workspaceOf(context).id);
    return jsonAnswer(definitions.map(({ slug, title, description }) => ({ slug, title, description })));
  }
}
