import { fromBinary } from '@bufbuild/protobuf';
import { type AuditEvent, AuditEventSchema } from '@magistry/contracts';
import type { ConsumedEvent, Inbox } from '@magistry/outbox';
import { wholeSecond } from '../../domain/clock.js';
import type { LedgerDatabase } from '../ledger-database.js';

const LOCK_SQL = `
  INSERT INTO audit_inbox AS kept (source, shard, position) VALUES ($1, $2, 0)
  ON CONFLICT (source, shard) DO UPDATE SET position = kept.position RETURNING position`;

const INSERT_SQL = `
  INSERT INTO audit_log (source, shard, position, id, workspace_id, action, actor, subject, details, request_id,
    address, occurred_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`;

/** Takes another service's audit events into the log: rows and position in one commit. */
export class AuditInbox implements Inbox {
  constructor(
    private readonly database: LedgerDatabase,
    private readonly source: string,
    private readonly shard: number,
  ) {}

  async position(): Promise<number> {
    const text = 'SELECT position FROM audit_inbox WHERE source = $1 AND shard = $2';
    const values = [this.source, this.shard];
    const [row] = await this.database.across.query<{ position: string }>({ text, values });
    return Number(row?.position ?? 0);
  }

  async take(events: readonly ConsumedEvent[]): Promise<void> {
    const { source, shard } = this;
    await this.database.transactionAcross(async ({ query }) => {
      const [reached] = await query<{ position: string }>({ text: LOCK_SQL, values: [source, shard] });
      const fresh = events.filter(({ position }) => position > Number(reached?.position));
      for (const { position, bytes } of fresh) {
        const event = fromBinary(AuditEventSchema, bytes);
        await query({
          name: 'insert-audit',
          text: INSERT_SQL,
          values: [source, shard, position, ...valuesOf(event)],
        });
      }
      const last = fresh.at(-1);
      if (!last) return;
      const text = 'UPDATE audit_inbox SET position = $3 WHERE source = $1 AND shard = $2';
      await query({ text, values: [source, shard, last.position] });
    });
  }
}

function valuesOf(event: AuditEvent): unknown[] {
  const { id, workspaceId, action, actor, subject, detailsJson, occurredUnixMs } = event;
  return [
    ...[id, workspaceId || null, action, actor, subject, detailsJson],
    ...[event.requestId || null, event.address || null, wholeSecond(occurredUnixMs)],
  ];
}
