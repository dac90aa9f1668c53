import type { agents } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { shown } from '../domain/clock.js';
import { Addressees } from '../messages/addressee.js';
import { RunStore } from '../storage/run-store.js';

/** GET /api/v1/messages: those of the key's own sessions. */
@Injectable()
export class ListMessages {
  constructor(
    private readonly runs: RunStore,
    private readonly addressees: Addressees,
  ) {}

  async execute({ context, query }: PublicRequest<typeof agents.listMessages>): Promise<Answer> {
    const { owner: sessionOwner } = await this.addressees.find(context);
    const wanted = {
      kind: 'message',
      sessionOwner,
      sessionId: query.session_id,
      limit: query.limit,
    } as const;
    const found = await this.runs.list(workspaceOf(context).id, wanted);
    const data = found.map(({ id, sessionId, input, status, outcome, createdAt }) => ({
      id,
      session_id: sessionId,
      conversation_id: input.conversationId,
      status,
      message: input.content,
      content: outcome?.output?.['content'] ?? null,
      created_at: shown(createdAt),
    }));
    return jsonAnswer({ data });
  }
}
