import type { Column } from '@magistry/persistence';
import type { IdempotencyRecord, LedgerBatch, LedgerHead, OutboxEntry } from './ledger-batch.js';
import {
  bigint,
  boolean,
  bytes,
  DECISION_COLUMNS,
  integer,
  json,
  text,
  type WrittenColumn,
} from './ledger-columns.js';

type Item<Part extends keyof LedgerBatch> = LedgerBatch[Part][number];

const HEAD_COLUMNS: readonly WrittenColumn<LedgerHead>[] = [
  integer('workspace_id', (head) => head.workspaceId),
  text('tenant', (head) => head.tenant),
  bigint('decision_id', (head) => head.decisionId),
  bytes('chain', (head) => head.chain),
  text('recorded_at', (head) => head.recordedAt),
  boolean('kill_switch_engaged', (head) => head.killSwitch.engaged),
  text('kill_switch_reason', (head) => head.killSwitch.reason),
  bigint('kill_switch_decision_id', (head) => head.killSwitch.decisionId),
  text('kill_switch_changed_at', (head) => head.killSwitch.changedAt),
  text('kill_switch_changed_by', (head) => head.killSwitch.changedBy),
  integer('policy_version', (head) => head.policyVersion),
  text('policy', (head) => head.policyJson),
];

const OUTBOX_COLUMNS: readonly WrittenColumn<OutboxEntry>[] = [
  bigint('position', (entry) => entry.position),
  text('event_id', (entry) => entry.eventId),
  text('type', (entry) => entry.type),
  integer('workspace_id', (entry) => entry.workspaceId),
  bigint('decision_id', (entry) => entry.decisionId),
  text('tenant', (entry) => entry.tenant),
  text('created_at', (entry) => entry.createdAt),
];

const AUDIT_COLUMNS: readonly WrittenColumn<Item<'audit'>>[] = [
  text('id', (entry) => entry.id),
  text('source', () => 'decisions'),
  integer('workspace_id', (entry) => entry.workspaceId),
  text('action', (entry) => entry.action),
  text('actor', (entry) => entry.actor),
  text('subject', (entry) => entry.subject),
  json('details', (entry) => entry.details),
  text('request_id', (entry) => entry.requestId),
  text('address', (entry) => entry.address),
  text('occurred_at', (entry) => entry.occurredAt),
];

const IDEMPOTENCY_COLUMNS: readonly WrittenColumn<IdempotencyRecord>[] = [
  integer('workspace_id', (record) => record.workspaceId),
  bytes('key_hmac', (record) => record.keyHmac),
  text('principal', (record) => record.principal),
  bytes('fingerprint', (record) => record.fingerprint),
  text('request_id', (record) => record.requestId),
  bytes('sealed_answer', (record) => record.sealedAnswer),
  text('expires_at', (record) => record.expiresAt),
];

const SUBJECT_COLUMNS: readonly WrittenColumn<Item<'subjects'>>[] = [
  integer('workspace_id', (item) => item.workspaceId),
  text('subject', (item) => item.subject),
  text('facet', (item) => item.facet),
  text('state', (item) => item.state),
];

const UNIQUENESS_COLUMNS: readonly WrittenColumn<Item<'uniqueness'>>[] = [
  integer('workspace_id', (item) => item.workspaceId),
  text('digest', (item) => item.digest),
  bigint('decision_id', (item) => item.decisionId),
  text('expires_at', (item) => item.expiresAt),
];

const COUNTER_COLUMNS: readonly WrittenColumn<Item<'counters'>>[] = [
  integer('workspace_id', (item) => item.workspaceId),
  text('counter', (item) => item.counter),
  text('period', (item) => item.period),
  bigint('amount', (item) => item.amount),
];

const ESCALATION_COLUMNS: readonly WrittenColumn<Item<'escalations'>>[] = [
  integer('workspace_id', (item) => item.workspaceId),
  bigint('decision_id', (item) => item.decisionId),
  text('expires_at', (item) => item.expiresAt),
  text('status', (item) => item.status),
  bigint('result_decision_id', (item) => item.resultDecisionId),
  text('settled_at', (item) => item.settledAt),
];

function overwrite<Row>(columns: readonly WrittenColumn<Row>[], keys: number): string {
  const names = columns.map((column) => column.name);
  const assignments = names.slice(keys).map((name) => `${name} = EXCLUDED.${name}`);
  return `ON CONFLICT (${names.slice(0, keys).join(', ')}) DO UPDATE SET ${assignments.join(', ')}`;
}

interface TableWrite {
  readonly table: string;
  readonly columns: readonly WrittenColumn<never>[];
  readonly conflict: string;
}

// An expired key is a new key: its row is overwritten.
const WRITES: Record<keyof LedgerBatch, TableWrite> = {
  heads: { table: 'ledger_head', columns: HEAD_COLUMNS, conflict: overwrite(HEAD_COLUMNS, 1) },
  decisions: { table: 'decision_log', columns: DECISION_COLUMNS, conflict: '' },
  outbox: { table: 'outbox', columns: OUTBOX_COLUMNS, conflict: '' },
  audit: { table: 'audit_log', columns: AUDIT_COLUMNS, conflict: '' },
  idempotency: {
    table: 'idempotency',
    columns: IDEMPOTENCY_COLUMNS,
    conflict: overwrite(IDEMPOTENCY_COLUMNS, 2),
  },
  subjects: { table: 'subject_state', columns: SUBJECT_COLUMNS, conflict: overwrite(SUBJECT_COLUMNS, 3) },
  uniqueness: {
    table: 'uniqueness',
    columns: UNIQUENESS_COLUMNS,
    conflict: overwrite(UNIQUENESS_COLUMNS, 2),
  },
  counters: {
    table: 'counter',
    columns: COUNTER_COLUMNS,
    conflict: `ON CONFLICT (workspace_id, counter, period) DO UPDATE SET amount = counter.amount + EXCLUDED.amount`,
  },
  escalations: {
    table: 'escalation',
    columns: ESCALATION_COLUMNS,
    conflict: overwrite(ESCALATION_COLUMNS, 2),
  },
};

const PARTS = Object.keys(WRITES) as (keyof LedgerBatch)[];

/**
 * One statement that commits a batch: the fence moves the shard's position only under the epoch the writer
 * took over with, and every insert hangs on it. Parameters: shard, epoch, position, then each table's columns.
 */
export const COMMIT_SQL = commitStatement();

function commitStatement(): string {
  let parameter = 4;
  const inserts = PARTS.map((part) => {
    const { table, columns, conflict } = WRITES[part];
    const names = columns.map((column) => column.name);
    const selected = columns.map(({ name, type }) => (type === 'json' ? `u.${name}::json` : `u.${name}`));
    const arrays = columns.map(({ type }) => `$${parameter++}::${type === 'json' ? 'text' : type}[]`);
    const shard = part === 'outbox' ? { name: 'shard, ', value: '$1::int4, ' } : { name: '', value: '' };
    return `w_${table} AS (INSERT INTO ${table} (${shard.name}${names.join(', ')})
      SELECT ${shard.value}${selected.join(', ')}
        FROM fence, unnest(${arrays.join(', ')}) AS u (${names.join(', ')}) ${conflict})`;
  });
  return `WITH fence AS (
      UPDATE ledger_shard SET position = $3::int8 WHERE shard = $1::int4 AND epoch = $2::int8 RETURNING shard
    ), ${inserts.join(',\n')}
    SELECT count(*)::int4 AS fenced FROM fence`;
}

export function commitColumns(batch: LedgerBatch): Column[] {
  return PARTS.flatMap((part) => {
    const rows = batch[part] as readonly never[];
    return WRITES[part].columns.map((column) => column.encode(rows));
  });
}
