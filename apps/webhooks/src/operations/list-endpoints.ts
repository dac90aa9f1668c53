import { webhooks } from '@magistry/contracts';
import { renderPage } from '@magistry/lists';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { cursorPage, decodeCursor } from '../domain/cursor.js';
import { renderListed } from '../domain/endpoint.js';
import { ROW_ID } from '../domain/path-id.js';
import { PublicAddress } from '../domain/public-address.js';
import { EndpointRecords } from '../storage/endpoint-records.js';

type Operation = typeof webhooks.listEndpoints;

/** GET /api/v1/webhooks by pages, GET /v1/webhooks by cursor. */
@Injectable()
export class ListEndpoints {
  constructor(
    private readonly endpoints: EndpointRecords,
    private readonly address: PublicAddress,
  ) {}

  async execute(request: PublicRequest<Operation>): Promise<Answer> {
    const { context, route, query } = request;
    const workspaceId = workspaceOf(context).id;
    if (route.style !== 'core') return this.byCursor(workspaceId, query);
    const { rows, total } = await this.endpoints.list(workspaceId, query);
    const data = rows.map((row) => renderListed(row, query));
    return jsonAnswer(renderPage(data, total, query, this.address.of(route, {})));
  }

  private async byCursor(workspaceId: number, query: unknown): Promise<Answer> {
    const { cursor, limit } = webhooks.cursorQuery.parse(query);
    const afterId = decodeCursor(cursor, ROW_ID) ?? '0';
    const read = await this.endpoints.readAfter(workspaceId, afterId, limit + 1);
    const { rows, nextCursor, hasMore } = cursorPage(read, limit, ({ id }) => String(id));
    const data = rows.map((row) => renderListed(row));
    return jsonAnswer({ data, next_cursor: nextCursor, has_more: hasMore });
  }
}
