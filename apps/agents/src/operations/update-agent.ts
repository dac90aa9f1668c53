import type { AgentDefinition, agents } from '@magistry/contracts';
import { jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { changedDefinition } from '../domain/agent-change.js';
import { AgentWrites } from '../registry/agent-writes.js';

/** PATCH /api/v1/agents/:slug: a shipped agent becomes the workspace's own version of it. */
@Injectable()
export class UpdateAgent {
  constructor(private readonly writes: AgentWrites) {}

  execute({ context, params, body }: PublicRequest<typeof agents.updateAgent>) {
    const of = (before: AgentDefinition) => changedDefinition(before, body);
    const change = { baseUrl: body.model?.base_url, of };
    return this.writes.update(context, params.slug, change, (after) => jsonAnswer(after));
  }
}
