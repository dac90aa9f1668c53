import type { agents } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { sessionCursor, sessionPlace } from '../domain/session-cursor.js';
import { renderSession } from '../domain/views/session-view.js';
import { Addressees } from '../messages/addressee.js';
import { SessionStore } from '../storage/session-store.js';

/** GET /api/v1/sessions: an integration's, or those of the workspace's own keys together. */
@Injectable()
export class ListSessions {
  constructor(
    private readonly sessions: SessionStore,
    private readonly addressees: Addressees,
  ) {}

  async execute({ context, query }: PublicRequest<typeof agents.listSessions>): Promise<Answer> {
    const { owner } = await this.addressees.find(context);
    const behind = query.cursor === undefined ? undefined : sessionPlace(query.cursor);
    const key = { workspaceId: workspaceOf(context).id, owner };
    const found = await this.sessions.list(key, behind, query.limit + 1);
    const page = found.slice(0, query.limit);
    const last = page.at(-1);
    const hasMore = found.length > page.length;
    return jsonAnswer({
      data: page.map(renderSession),
      next_cursor: hasMore && last ? sessionCursor(last) : null,
      has_more: hasMore,
    });
  }
}
