import type { agents } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { AgentRegistry } from '../registry/agent-registry.js';

/** GET /api/v1/agents/:slug */
@Injectable()
export class GetAgent {
  constructor(private readonly registry: AgentRegistry) {}

  async execute({ context, params }: PublicRequest<typeof agents.getAgent>): Promise<Answer> {
    return jsonAnswer(await this.registry.find(workspaceOf(context).id, params.slug));
  }
}
