import { Injectable } from '@nestjs/common';
import type { Job, JobStatus } from '../domain/job.js';
import { Database, type Queryable } from './database.js';

const SELECT = `id, workspace_id AS "workspaceId", tenant, type, endpoint_id AS "endpointId", status, request, total,
  done, queued, error, created_at AS "createdAt", started_at AS "startedAt", finished_at AS "finishedAt"`;

const INSERT_SQL = `
  INSERT INTO job (id, workspace_id, tenant, type, endpoint_id, request, total, created_by, created_at)
  VALUES ($1, $2, $3, 'webhook_replay', $4, $5, $6, $7, $8) RETURNING ${SELECT}`;
const LIST_SQL = `
  SELECT ${SELECT} FROM job WHERE workspace_id = $1 AND ($2::text IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`;
const END_SQL = `
  UPDATE job SET status = $2, error = $3, finished_at = $4, leased_until = NULL
  WHERE id = $1 AND status IN ('queued', 'running') RETURNING ${SELECT}`;
const CANCEL_OF_SQL = `
  UPDATE job SET status = 'cancelled', error = 'The endpoint was deleted.', finished_at = $2, leased_until = NULL
  WHERE endpoint_id = $1 AND status IN ('queued', 'running')`;

/** Jobs as the API makes, shows and cancels them. Ids are ULIDs: their order is that of time. */
@Injectable()
export class JobRecords {
  constructor(private readonly database: Database) {}

  async insert(
    transaction: Queryable,
    job: Pick<Job, 'id' | 'workspaceId' | 'tenant' | 'endpointId' | 'request' | 'createdAt'>,
    { total, createdBy }: { readonly total: number; readonly createdBy: string },
  ): Promise<Job> {
    const { id, workspaceId, tenant, endpointId, request, createdAt } = job;
    const values = [
      id,
      workspaceId,
      tenant,
      endpointId,
      JSON.stringify(request),
      total,
      createdBy,
      createdAt,
    ];
    const [made] = await transaction.query<Job>({ text: INSERT_SQL, values });
    if (!made) throw new Error('an insert gave no row');
    return made;
  }

  /** Those before an id, newest first. */
  readBefore(workspaceId: number, beforeId: string | undefined, limit: number): Promise<Job[]> {
    const values = [workspaceId, beforeId ?? null, limit];
    return this.database.readsIn(workspaceId).query<Job>({ text: LIST_SQL, values });
  }

  find(workspaceId: number, id: string): Promise<Job | undefined> {
    return this.findOn(this.database.readsIn(workspaceId), workspaceId, id);
  }

  async findOn(on: Queryable, workspaceId: number, id: string): Promise<Job | undefined> {
    const text = `SELECT ${SELECT} FROM job WHERE workspace_id = $1 AND id = $2`;
    const [found] = await on.query<Job>({ text, values: [workspaceId, id] });
    return found;
  }

  /** Undefined for one that had ended before. */
  async end(
    transaction: Queryable,
    id: string,
    {
      status,
      error = null,
      at,
    }: { readonly status: JobStatus; readonly error?: string | null; readonly at: Date },
  ): Promise<Job | undefined> {
    const [ended] = await transaction.query<Job>({ text: END_SQL, values: [id, status, error, at] });
    return ended;
  }

  /** Every open one of an endpoint that goes. */
  async cancelOf(transaction: Queryable, endpointId: number, at: Date): Promise<void> {
    await transaction.query({ text: CANCEL_OF_SQL, values: [endpointId, at] });
  }
}
