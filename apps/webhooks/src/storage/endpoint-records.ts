import { type ListPage, type ListQuery, ListReader, type ListSource } from '@magistry/lists';
import { Injectable } from '@nestjs/common';
import type { DisabledReason, Endpoint, EndpointSettings } from '../domain/endpoint.js';
import { Database, type Queryable } from './database.js';

export interface NewEndpoint extends EndpointSettings {
  readonly workspaceId: number;
  readonly tenant: string;
  readonly createdBy: string;
}

const SELECT = `e.id, e.workspace_id AS "workspaceId", e.url, e.events, e.is_active AS "isActive",
  e.disabled_reason AS "disabledReason", e.signing, e.filter, e.ordering_path AS "orderingPath",
  e.ordering_on_failure AS "orderingOnFailure", e.retry_schedule AS "retrySchedule",
  e.api_version AS "apiVersion", e.created_at AS "createdAt", e.updated_at AS "updatedAt",
  h.success_count AS "successCount", h.failure_count AS "failureCount",
  h.consecutive_failures AS "consecutiveFailures", h.last_delivery_at AS "lastDeliveryAt",
  h.breaker_state AS breaker, h.breaker_reason AS "breakerReason", h.failing_since AS "failingSince",
  h.paused_until AS "pausedUntil", h.rate_per_s AS "rateLowered"`;
const FROM = 'endpoint e JOIN endpoint_health h ON h.endpoint_id = e.id';
const LISTED = 'e.workspace_id = $1 AND e.deleted_at IS NULL';

const SOURCE: ListSource = {
  select: SELECT,
  from: FROM,
  key: 'e.id',
  columns: { id: 'e.id', created_at: 'e.created_at', updated_at: 'e.updated_at' },
  statuses: { active: 'e.is_active', inactive: 'NOT e.is_active' },
  searched: ['e.url'],
};

const INSERT_SQL = `
  WITH made AS (
    INSERT INTO endpoint (workspace_id, tenant, created_by, url, events, is_active, disabled_reason, disabled_at,
      signing, filter, ordering_path, ordering_on_failure, retry_schedule, api_version, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6::boolean, CASE WHEN $6 THEN NULL ELSE 'manual' END,
      CASE WHEN $6 THEN NULL ELSE $13::timestamptz END, $7, $8, $9, $10, $11, $12, $13, $13)
    RETURNING id, workspace_id)
  INSERT INTO endpoint_health (endpoint_id, workspace_id) SELECT id, workspace_id FROM made
  RETURNING endpoint_id AS id`;

const UPDATE_SQL = `
  UPDATE endpoint SET url = $2, events = $3, is_active = $4, disabled_reason = $5,
    disabled_at = CASE WHEN $5::text IS NULL THEN NULL ELSE coalesce(disabled_at, $12) END, signing = $6, filter = $7,
    ordering_path = $8, ordering_on_failure = $9, retry_schedule = $10, api_version = $11, updated_at = $12
  WHERE id = $1`;

// What went wrong before says nothing of another address, or of one that its owner switched on again.
const FORGIVE_SQL = `
  UPDATE endpoint_health SET failing_since = NULL, warned_percent = 0, consecutive_failures = 0,
    breaker_state = 'closed', breaker_reason = NULL, breaker_changed_at = $2, breaker_until = NULL,
    breaker_trips = 0, rate_per_s = NULL, rate_changed_at = $2, paused_until = NULL
  WHERE endpoint_id = $1`;

/** Endpoints as the API shows and changes them; what was deleted is not among them. */
@Injectable()
export class EndpointRecords {
  private readonly reader = new ListReader<Endpoint>(SOURCE);

  constructor(private readonly database: Database) {}

  list(workspaceId: number, query: ListQuery): Promise<ListPage<Endpoint>> {
    return this.reader.read(
      this.database.readsIn(workspaceId),
      { condition: LISTED, values: [workspaceId] },
      query,
    );
  }

  /** Those behind an id, oldest first. */
  readAfter(workspaceId: number, afterId: string, limit: number): Promise<Endpoint[]> {
    const text = `SELECT ${SELECT} FROM ${FROM} WHERE ${LISTED} AND e.id > $2 ORDER BY e.id LIMIT $3`;
    return this.database
      .readsIn(workspaceId)
      .query<Endpoint>({ text, values: [workspaceId, afterId, limit] });
  }

  find(workspaceId: number, id: number): Promise<Endpoint | undefined> {
    return this.findOne(this.database.readsIn(workspaceId), workspaceId, id, '');
  }

  /** Holds every other change of the endpoint back until the transaction ends. */
  lock(transaction: Queryable, workspaceId: number, id: number): Promise<Endpoint | undefined> {
    return this.findOne(transaction, workspaceId, id, 'FOR UPDATE OF e');
  }

  /** Returns the endpoint's id. */
  async insert(transaction: Queryable, endpoint: NewEndpoint, now: Date): Promise<number> {
    const { workspaceId, tenant, createdBy, isActive } = endpoint;
    const { url, events, ...rest } = valuesOf(endpoint);
    const values = [workspaceId, tenant, createdBy, url, events, isActive, ...Object.values(rest), now];
    const [row] = await transaction.query<{ id: number }>({ text: INSERT_SQL, values });
    if (!row) throw new Error('an insert gave no row');
    return row.id;
  }

  async update(
    transaction: Queryable,
    id: number,
    settings: EndpointSettings,
    disabledReason: DisabledReason | null,
    now: Date,
  ): Promise<void> {
    const { url, events, ...rest } = valuesOf(settings);
    const values = [id, url, events, settings.isActive, disabledReason, ...Object.values(rest), now];
    await transaction.query({ text: UPDATE_SQL, values });
  }

  /** As if nothing had been sent to it yet; what was counted stays. */
  async forgive(transaction: Queryable, id: number, now: Date): Promise<void> {
    await transaction.query({ text: FORGIVE_SQL, values: [id, now] });
  }

  async remove(transaction: Queryable, id: number, now: Date): Promise<void> {
    await transaction.query({ text: 'DELETE FROM endpoint_secret WHERE endpoint_id = $1', values: [id] });
    const text = 'UPDATE endpoint SET deleted_at = $2, updated_at = $2 WHERE id = $1';
    await transaction.query({ text, values: [id, now] });
  }

  private async findOne(
    on: Queryable,
    workspaceId: number,
    id: number,
    lock: string,
  ): Promise<Endpoint | undefined> {
    const text = `SELECT ${SELECT} FROM ${FROM} WHERE ${LISTED} AND e.id = $2 ${lock}`;
    const [found] = await on.query<Endpoint>({ text, values: [workspaceId, id] });
    return found;
  }
}

/** In the order of the columns above. */
function valuesOf(settings: EndpointSettings) {
  const { url, events, signing, filter, orderingPath, orderingOnFailure, retrySchedule, apiVersion } =
    settings;
  const filterJson = filter && JSON.stringify(filter);
  return { url, events, signing, filterJson, orderingPath, orderingOnFailure, retrySchedule, apiVersion };
}
