import type { agents } from '@magistry/contracts';
import { jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { newDefinition } from '../domain/agent-change.js';
import { AgentWrites } from '../registry/agent-writes.js';

/** POST /api/v1/agents: the agent without the key of its model, which is never shown. */
@Injectable()
export class CreateAgent {
  constructor(private readonly writes: AgentWrites) {}

  execute({ context, body }: PublicRequest<typeof agents.createAgent>) {
    const written = newDefinition(body);
    return this.writes.create(context, written, () => jsonAnswer(written.definition, 201));
  }
}
