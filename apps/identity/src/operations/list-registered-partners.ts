import type { identity } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { shown } from '../domain/clock.js';
import { decodeRowCursor, encodeRowCursor } from '../domain/row-cursor.js';
import { type RegisteredPartner, RegisteredPartners } from '../storage/registered-partners.js';

type Operation = typeof identity.listRegisteredPartners;

/** GET /v1/partners: the registry, oldest first. */
@Injectable()
export class ListRegisteredPartners {
  constructor(private readonly partners: RegisteredPartners) {}

  async execute({ context, query }: PublicRequest<Operation>): Promise<Answer> {
    const afterId = decodeRowCursor(query.cursor);
    const filter = {
      workspaceId: workspaceOf(context).id,
      isMine: query.mine !== undefined,
      isInstalled: query.installed !== undefined,
    };
    const { rows, hasMore } = await this.partners.list(filter, { afterId, limit: query.limit });
    const next = encodeRowCursor(rows.at(-1)?.id ?? afterId);
    return jsonAnswer({ data: rows.map(render), next_cursor: next, has_more: hasMore });
  }
}

function render(partner: RegisteredPartner) {
  const { slug, name, description, scopes, status, installedScopes, createdAt } = partner;
  const installed = { installed_scopes: installedScopes, created_at: shown(createdAt) };
  return { slug, name, description, scopes, status, ...installed };
}
