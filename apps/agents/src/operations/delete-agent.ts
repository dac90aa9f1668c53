import type { agents } from '@magistry/contracts';
import { NO_CONTENT, type PublicRequest } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { AgentWrites } from '../registry/agent-writes.js';

/** DELETE /api/v1/agents/:slug, shipped or the workspace's own. Runs have their definition with them. */
@Injectable()
export class DeleteAgent {
  constructor(private readonly writes: AgentWrites) {}

  execute({ context, params }: PublicRequest<typeof agents.deleteAgent>) {
    return this.writes.remove(context, params.slug, NO_CONTENT);
  }
}
