import { Injectable } from '@nestjs/common';
import type { Endpoint } from '../domain/endpoint.js';
import { Database } from './database.js';

const SELECT = `e.id, e.workspace_id AS "workspaceId", e.url, e.events, e.is_active AS "isActive",
  e.disabled_reason AS "disabledReason", e.created_at AS "createdAt", e.updated_at AS "updatedAt",
  h.success_count::int8 AS "successCount", h.failure_count::int8 AS "failureCount",
  h.consecutive_failures AS "consecutiveFailures", h.last_delivery_at AS "lastDeliveryAt"`;
const FROM = 'endpoint e JOIN endpoint_health h ON h.endpoint_id = e.id';

/** Endpoints as the API shows them; what was deleted is not among them. */
@Injectable()
export class EndpointRecords {
  constructor(private readonly database: Database) {}

  async find(workspaceId: number, id: number): Promise<Endpoint | undefined> {
    const text = `SELECT ${SELECT} FROM ${FROM} WHERE e.workspace_id = $1 AND e.id = $2 AND e.deleted_at IS NULL`;
    const [found] = await this.database
      .readsIn(workspaceId)
      .query<Endpoint>({ text, values: [workspaceId, id] });
    return found;
  }
}
