import {
  bigintColumn,
  booleanColumn,
  bytesColumn,
  type Column,
  integerColumn,
  textColumn,
} from '@magistry/persistence';
import { canonicalFactor, canonicalGate } from '../domain/canonical.js';
import type { ChainedDecision } from './ledger-batch.js';

/** One column of a table that a batch writes: its name, what reads it from a row, and its array encoding. */
export interface WrittenColumn<Row> {
  readonly name: string;
  readonly type: 'int4' | 'int8' | 'bool' | 'text' | 'json' | 'bytea';
  encode(rows: readonly Row[]): Column;
}

export function text<Row>(name: string, read: (row: Row) => string | null): WrittenColumn<Row> {
  return { name, type: 'text', encode: (rows) => textColumn(rows.map(read)) };
}

export function bytes<Row>(name: string, read: (row: Row) => Uint8Array): WrittenColumn<Row> {
  return { name, type: 'bytea', encode: (rows) => bytesColumn(rows.map(read)) };
}

export function integer<Row>(name: string, read: (row: Row) => number | null): WrittenColumn<Row> {
  return { name, type: 'int4', encode: (rows) => integerColumn(rows.map(read)) };
}

export function bigint<Row>(name: string, read: (row: Row) => number | null): WrittenColumn<Row> {
  return { name, type: 'int8', encode: (rows) => bigintColumn(rows.map(read)) };
}

export function boolean<Row>(name: string, read: (row: Row) => boolean): WrittenColumn<Row> {
  return { name, type: 'bool', encode: (rows) => booleanColumn(rows.map(read)) };
}

export function json<Row>(name: string, read: (row: Row) => unknown): WrittenColumn<Row> {
  return { name, type: 'json', encode: (rows) => textColumn(rows.map((row) => JSON.stringify(read(row)))) };
}

/** Every visible column of decision_log; the verifier recomputes the canonical bytes from the same list. */
export const DECISION_COLUMNS: readonly WrittenColumn<ChainedDecision>[] = [
  integer('workspace_id', ({ row }) => row.workspaceId),
  bigint('decision_id', ({ row }) => row.decisionId),
  text('id', ({ row }) => row.id),
  text('kind', ({ row }) => row.kind),
  text('agent', ({ row }) => row.agent),
  text('action', ({ row }) => row.action),
  text('subject', ({ row }) => row.subject),
  text('facet', ({ row }) => row.facet),
  text('from_state', ({ row }) => row.fromState),
  text('to_state', ({ row }) => row.toState),
  text('status', ({ row }) => row.status),
  text('judge', ({ row }) => row.judge),
  integer('judge_score', ({ row }) => row.judgeScoreBasisPoints),
  json('judge_factors', ({ row }) => row.judgeFactors.map(canonicalFactor)),
  text('tier', ({ row }) => row.tier),
  json('evidence', ({ row }) => row.evidence),
  json('gates', ({ row }) => row.gates.map(canonicalGate)),
  json('concerns', ({ row }) => row.concerns.map(canonicalGate)),
  { ...text('parameters', ({ row }: ChainedDecision) => row.parametersJson), type: 'json' },
  text('reversal', ({ row }) => row.reversal),
  boolean('reversible', ({ row }) => row.reversible),
  text('store_id', ({ row }) => row.storeId),
  text('cycle', ({ row }) => row.cycle),
  text('reason', ({ row }) => row.reason),
  bigint('reverses', ({ row }) => row.reverses),
  bigint('approves', ({ row }) => row.approves),
  integer('policy_version', ({ row }) => row.policyVersion),
  text('budget', ({ row }) => row.budget),
  bigint('budget_minor', ({ row }) => row.budgetMinor),
  text('uniqueness_digest', ({ row }) => row.uniquenessDigest),
  text('applied_at', ({ row }) => row.appliedAt),
  text('applied_by', ({ row }) => row.appliedBy),
  text('recorded_at', ({ row }) => row.recordedAt),
  text('canonical', ({ canonical }) => canonical),
  bytes('chain', ({ chain }) => chain),
];
