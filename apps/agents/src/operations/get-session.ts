import type { agents } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { renderSession } from '../domain/views/session-view.js';
import { Addressees } from '../messages/addressee.js';
import { sessionNotFound } from '../messages/own-messages.js';
import { SessionStore } from '../storage/session-store.js';

/** GET /api/v1/sessions/:session_id */
@Injectable()
export class GetSession {
  constructor(
    private readonly sessions: SessionStore,
    private readonly addressees: Addressees,
  ) {}

  async execute({ context, params }: PublicRequest<typeof agents.getSession>): Promise<Answer> {
    const { owner } = await this.addressees.find(context);
    const key = { workspaceId: workspaceOf(context).id, owner, id: params.session_id };
    const found = await this.sessions.find(key);
    if (!found) throw sessionNotFound();
    return jsonAnswer({ data: renderSession(found) });
  }
}
