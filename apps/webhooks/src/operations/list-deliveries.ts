import { webhooks } from '@magistry/contracts';
import { pickFields, renderPage } from '@magistry/lists';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { cursorPage, decodeCursor } from '../domain/cursor.js';
import { renderDelivery } from '../domain/delivery.js';
import { endpointId, endpointNotFound, ROW_ID } from '../domain/path-id.js';
import { PublicAddress } from '../domain/public-address.js';
import { DeliveryRecords } from '../storage/delivery-records.js';
import { EndpointRecords } from '../storage/endpoint-records.js';

type Operation = typeof webhooks.listDeliveries;

/** GET /api/v1/webhooks/:id/deliveries by pages, GET /v1/… by cursor; newest first. */
@Injectable()
export class ListDeliveries {
  constructor(
    private readonly endpoints: EndpointRecords,
    private readonly deliveries: DeliveryRecords,
    private readonly address: PublicAddress,
  ) {}

  async execute({ context, route, params, query }: PublicRequest<Operation>): Promise<Answer> {
    const workspaceId = workspaceOf(context).id;
    const id = endpointId(params.id);
    if (!(await this.endpoints.find(workspaceId, id))) throw endpointNotFound();
    if (route.style !== 'core') return this.byCursor(workspaceId, id, query);
    const { rows, total } = await this.deliveries.list(workspaceId, id, query);
    const data = rows.map((row) => pickFields(renderDelivery(row), query.fields));
    return jsonAnswer(renderPage(data, total, query, this.address.of(route, params)));
  }

  private async byCursor(workspaceId: number, id: number, query: unknown): Promise<Answer> {
    const { cursor, limit, status } = webhooks.deliveriesQuery.parse(query);
    const beforeId = decodeCursor(cursor, ROW_ID);
    const page = { limit: limit + 1, status, ...(beforeId !== undefined && { beforeId }) };
    const read = await this.deliveries.readBefore(workspaceId, id, page);
    const { rows, nextCursor, hasMore } = cursorPage(read, limit, (row) => row.id);
    return jsonAnswer({ data: rows.map(renderDelivery), next_cursor: nextCursor, has_more: hasMore });
  }
}
