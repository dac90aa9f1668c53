import type { decisions } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { nextWholeSecond } from '../domain/clock.js';
import { decodeCursor, encodeCursor, filterDigestOf } from '../domain/cursor.js';
import type { AuditEntry, AuditReader } from '../storage/audit-reader.js';

/** The audit log has no chain that a cursor could be held against. */
const NO_CHAIN = Buffer.alloc(8);

/** GET /v1/audit: in the order of the commits, so that a reader by cursor leaves nothing out. */
export class ListAuditEntries {
  constructor(
    private readonly reader: AuditReader,
    private readonly cursorSecret: string,
  ) {}

  async execute({ context, query }: PublicRequest<typeof decisions.listAuditEntries>): Promise<Answer> {
    const workspaceId = workspaceOf(context).id;
    const { cursor, limit, order, action, actor, since } = query;
    const filterDigest = filterDigestOf({ list: 'audit', order, action, actor, since });
    const position = cursor ? decodeCursor(cursor, { workspaceId, filterDigest }, this.cursorSecret) : null;
    // 0 is a cursor of an empty log: whatever comes, in either order, is behind it.
    const behind = position?.decisionId || null;
    const found = await this.reader.read({
      ...{ workspaceId, behind, order, limit, action, actor },
      since: since === undefined ? undefined : nextWholeSecond(since),
    });
    const shown = found.slice(0, limit);
    const decisionId = shown.at(-1)?.number ?? position?.decisionId ?? 0;
    const next = { workspaceId, decisionId, chainStart: NO_CHAIN, filterDigest };
    return jsonAnswer({
      data: shown.map(renderEntry),
      next_cursor: encodeCursor(next, this.cursorSecret),
      has_more: found.length > limit,
    });
  }
}

function renderEntry({ id, action, actor, subject, details, occurredAt, requestId, address }: AuditEntry) {
  return { id, action, actor, subject, details, occurred_at: occurredAt, request_id: requestId, address };
}
