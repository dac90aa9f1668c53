import { ProblemError } from '@magistry/errors';
import { isConnectionFailure, type Pool, withConnection } from '@magistry/persistence';
import type pg from 'pg';

/** Reads of one workspace each: row security hides every other's rows, whatever a query forgets. */
export class WorkspaceReads {
  constructor(private readonly pool: Pool) {}

  /** One round trip. Throws `service_unavailable` while the database cannot be reached. */
  async query<Row extends object>(workspaceId: number, query: pg.QueryConfig): Promise<Row[]> {
    const enter = enterSql(workspaceId);
    try {
      return await withConnection(this.pool, async (client) => {
        // Sent together, since the pool's connections are pipelined; the setting ends with the transaction.
        const outcomes = await Promise.allSettled([
          client.query(enter),
          client.query(query),
          client.query('COMMIT'),
        ] as const);
        const [entered, found] = outcomes;
        if (entered.status === 'rejected') throw entered.reason;
        if (found.status === 'rejected') throw found.reason;
        return found.value.rows;
      });
    } catch (error) {
      throw isConnectionFailure(error) ? unreachable() : error;
    }
  }
}

/** As text: a statement with parameters would have to be one by itself, after another for BEGIN. */
function enterSql(workspaceId: number): string {
  if (!Number.isSafeInteger(workspaceId)) throw new TypeError(`${workspaceId} is no id of a workspace`);
  return `BEGIN READ ONLY; SET LOCAL magistry.workspace_id = ${workspaceId}`;
}

function unreachable(): ProblemError {
  return new ProblemError('service_unavailable', 'The ledger cannot be read right now. Retry shortly.', {
    retryAfterSeconds: 1,
  });
}
