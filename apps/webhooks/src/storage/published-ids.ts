import { Injectable } from '@nestjs/common';
import type { Queryable } from './database.js';

const CLAIM_SQL = `
  INSERT INTO published_id (workspace_id, event_id, fingerprint, created_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (workspace_id, event_id) DO NOTHING RETURNING true AS claimed`;
const FIND_SQL = `
  SELECT fingerprint, created_at AS "createdAt" FROM published_id WHERE workspace_id = $1 AND event_id = $2`;

/** Ids that publishers chose for their events: the first event of an id is the only one. */
@Injectable()
export class PublishedIds {
  /** Undefined when the id was free; else the first event under it. Waits for one that is being published. */
  async claim(
    transaction: Queryable,
    event: { readonly workspaceId: number; readonly id: string; readonly createdAt: Date },
    fingerprint: Buffer,
  ): Promise<{ fingerprint: Buffer; createdAt: Date } | undefined> {
    const values = [event.workspaceId, event.id, fingerprint, event.createdAt];
    const [claimed] = await transaction.query({ text: CLAIM_SQL, values });
    if (claimed) return undefined;
    const found = { text: FIND_SQL, values: values.slice(0, 2) };
    const [first] = await transaction.query<{ fingerprint: Buffer; createdAt: Date }>(found);
    if (!first) throw new Error('an id that was taken has no row');
    return first;
  }
}
