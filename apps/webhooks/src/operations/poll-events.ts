import type { webhooks } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { decodeCursor, encodeCursor } from '../domain/cursor.js';
import { bodyOf } from '../domain/events/render-body.js';
import { endpointId, endpointNotFound, ROW_ID } from '../domain/path-id.js';
import { EndpointRecords } from '../storage/endpoint-records.js';
import { PolledEvents } from '../storage/polled-events.js';

type Operation = typeof webhooks.pollEvents;

/**
 * GET /api/v1/webhooks/:id/events, oldest first. Asking behind a cursor says that what is before it has arrived:
 * for an endpoint without a URL those deliveries are done. The cursor is given on the last page too.
 */
@Injectable()
export class PollEvents {
  constructor(
    private readonly endpoints: EndpointRecords,
    private readonly events: PolledEvents,
    private readonly clock: Clock,
  ) {}

  async execute({ context, params, query }: PublicRequest<Operation>): Promise<Answer> {
    const workspaceId = workspaceOf(context).id;
    const endpoint = await this.endpoints.find(workspaceId, endpointId(params.id));
    if (!endpoint) throw endpointNotFound();
    const after = decodeCursor(query.cursor, ROW_ID);
    const now = new Date(this.clock.now());
    const isPolled = endpoint.url === null;
    if (isPolled && after !== undefined) await this.events.acknowledge(workspaceId, endpoint.id, after, now);
    const page = { after: after ?? '0', limit: query.limit + 1, isPolled };
    const read = await this.events.read(workspaceId, endpoint.id, page, now);
    const rows = read.slice(0, query.limit);
    const last = rows.at(-1)?.deliveryId ?? after;
    return jsonAnswer({
      data: rows.map((event) => bodyOf(event, endpoint.apiVersion)),
      next_cursor: last === undefined ? null : encodeCursor(last),
      has_more: read.length > query.limit,
    });
  }
}
