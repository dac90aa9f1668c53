import { Injectable } from '@nestjs/common';
import type { CourseNotice } from '../domain/endpoint-course.js';
import type { Queryable } from './database.js';
import { DeliveryRecords } from './delivery-records.js';

/** What an endpoint's attempts have led to, apart from its counters. */
export interface EndpointTurn {
  readonly endpointId: number;
  readonly notice: CourseNotice;
}

/** What a notice is told with. */
export interface TurnedEndpoint {
  readonly id: number;
  readonly workspaceId: number;
  readonly tenant: string;
  readonly url: string | null;
  readonly failingSince: Date | null;
}

const DISABLE_SQL = `
  UPDATE endpoint SET is_active = false, disabled_reason = $2, disabled_at = $3
   WHERE id = $1 AND is_active AND deleted_at IS NULL`;
const ENABLE_SQL = `
  UPDATE endpoint SET is_active = true, disabled_reason = NULL, disabled_at = NULL
   WHERE id = $1 AND disabled_reason = 'failing' AND deleted_at IS NULL RETURNING id`;
const FIND_SQL = `
  SELECT e.id, e.workspace_id AS "workspaceId", e.tenant, e.url, h.failing_since AS "failingSince"
    FROM endpoint e JOIN endpoint_health h ON h.endpoint_id = e.id WHERE e.id = $1 AND e.deleted_at IS NULL`;

/** Disables an endpoint, or enables it again, with what waits for it. Its owner's own word stands above. */
@Injectable()
export class EndpointTurns {
  constructor(private readonly deliveries: DeliveryRecords) {}

  /** The endpoint to tell of; undefined when it was deleted meanwhile. */
  async apply(
    transaction: Queryable,
    { endpointId, notice }: EndpointTurn,
    now: Date,
  ): Promise<TurnedEndpoint | undefined> {
    if (notice.type === 'endpoint.disabled') {
      await transaction.query({ text: DISABLE_SQL, values: [endpointId, notice.reason, now] });
      await this.deliveries.hold(transaction, endpointId);
    }
    if (notice.type === 'endpoint.recovered') {
      const enabled = await transaction.query({ text: ENABLE_SQL, values: [endpointId] });
      if (enabled.length > 0) await this.deliveries.release(transaction, endpointId, now);
    }
    const [endpoint] = await transaction.query<TurnedEndpoint>({ text: FIND_SQL, values: [endpointId] });
    return endpoint;
  }
}
