import type { agents } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { shown } from '../domain/clock.js';
import { Addressees } from '../messages/addressee.js';
import { Attachments, type ListedFile } from '../storage/attachments.js';
import { RunStore } from '../storage/run-store.js';

/** GET /api/v1/messages: those of the key's own sessions. */
@Injectable()
export class ListMessages {
  constructor(
    private readonly runs: RunStore,
    private readonly addressees: Addressees,
    private readonly attachments: Attachments,
  ) {}

  async execute({ context, query }: PublicRequest<typeof agents.listMessages>): Promise<Answer> {
    const { owner: sessionOwner } = await this.addressees.find(context);
    const wanted = {
      kind: 'message',
      sessionOwner,
      sessionId: query.session_id,
      limit: query.limit,
    } as const;
    const workspaceId = workspaceOf(context).id;
    const found = await this.runs.list(workspaceId, wanted);
    const withFiles = found.filter(({ input }) => input.hasAttachments).map(({ id }) => id);
    const files = withFiles.length > 0 ? await this.attachments.list(workspaceId, withFiles) : [];
    const data = found.map(({ id, sessionId, input, status, outcome, createdAt }) => ({
      id,
      session_id: sessionId,
      conversation_id: input.conversationId,
      status,
      message: input.content,
      content: outcome?.output?.['content'] ?? null,
      attachments: files.filter(({ runId }) => runId === id).map(shownFile),
      created_at: shown(createdAt),
    }));
    return jsonAnswer({ data });
  }
}

function shownFile({ name, contentType, sizeBytes }: ListedFile) {
  return { name, content_type: contentType, size: sizeBytes };
}
