import type { identity } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { shown, shownOrNull } from '../domain/clock.js';
import { notFound } from '../domain/principal.js';
import { decodeRowCursor, encodeRowCursor } from '../domain/row-cursor.js';
import { type PartnerKey, PartnerStore } from '../storage/partner-store.js';

type Operation = typeof identity.listPartnerKeys;

/** GET /v1/partners/:slug/keys: those that are not revoked, oldest first. */
@Injectable()
export class ListPartnerKeys {
  constructor(private readonly partners: PartnerStore) {}

  async execute({ context, params: { slug }, query }: PublicRequest<Operation>): Promise<Answer> {
    const afterId = decodeRowCursor(query.cursor);
    const page = await this.partners.listKeys(slug, workspaceOf(context).id, { afterId, limit: query.limit });
    if (!page) throw notFound();
    const next = encodeRowCursor(page.rows.at(-1)?.id ?? afterId);
    return jsonAnswer({ data: page.rows.map(render), next_cursor: next, has_more: page.hasMore });
  }
}

function render({ id, prefix, createdAt, lastUsedAt }: PartnerKey) {
  return { id, prefix, created_at: shown(createdAt), last_used_at: shownOrNull(lastUsedAt) };
}
