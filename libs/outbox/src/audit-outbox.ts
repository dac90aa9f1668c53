import type { Queryable } from '@magistry/persistence';
import { ulid } from 'ulid';
import { type AuditEntry, storableText } from './audit-entry.js';

const RECORD_SQL = `
  INSERT INTO audit_outbox
    (event_id, workspace_id, action, actor, subject, details, request_id, address, occurred_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;

/**
 * Entries of the audit log on their way there (docs/adr/0019): written in the very transaction that they tell of, so
 * that neither is without the other. Costs one insert, in the table `audit_outbox` of the service's own schema, and
 * waits for nobody.
 */
export class AuditOutbox {
  constructor(private readonly now: () => number) {}

  async record(transaction: Queryable, entry: AuditEntry): Promise<void> {
    const { workspaceId, action, actor, subject, details, requestId = null, address = null } = entry;
    const now = this.now();
    const values = [
      ...[`aud_${ulid(now)}`, workspaceId, action, storableText(actor), storableText(subject)],
      ...[JSON.stringify(details), requestId, address, new Date(now)],
    ];
    await transaction.query({ text: RECORD_SQL, values });
  }
}
