import { counter, DURATION_BUCKETS, gauge, histogram } from '@magistry/telemetry';
import type { ChainedDecision } from '../storage/ledger-batch.js';

/** A shard as this process sees it at a scrape. */
export interface WatchedShard {
  readonly shard: number;
  readonly isOwner: boolean;
  /** Undefined while another process owns the shard. */
  readonly load: ShardLoad | undefined;
}

export interface ShardLoad {
  readonly queuedCommands: number;
  /** Of the oldest command without an answer, waiting or in the commit under way; 0 when there is none. */
  readonly ledgerLagMs: number;
  readonly unpublishedEvents: number;
  /** Of the oldest committed event that is not published, at most; 0 when there is none. */
  readonly outboxLagMs: number;
}

const watched = new Set<WatchedShard>();

export function watchShard(shard: WatchedShard): void {
  watched.add(shard);
}

const batches = histogram({
  name: 'magistry_ledger_batch_commands',
  help: 'Commands that were decided and committed together.',
  labels: ['shard'],
  buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
});

const commits = histogram({
  name: 'magistry_ledger_commit_duration_seconds',
  help: 'Time that Postgres took for the commit of a batch, failed ones too.',
  labels: ['shard'],
  buckets: DURATION_BUCKETS,
});

const rows = counter({
  name: 'magistry_ledger_rows_total',
  help: 'Rows committed to the ledger, by kind and status.',
  labels: ['kind', 'status'],
});

gauge({
  name: 'magistry_ledger_shard_held',
  help: '1 where this process is the writer of the shard, else 0.',
  labels: ['shard'],
  read: (held) => {
    for (const { shard, isOwner } of watched) held.set({ shard }, isOwner ? 1 : 0);
  },
});

loadGauge('magistry_ledger_queued_commands', 'Commands that wait for the next batch.', (load) => {
  return load.queuedCommands;
});
loadGauge('magistry_ledger_lag_seconds', 'Age of the oldest command that is not answered yet.', (load) => {
  return load.ledgerLagMs / 1_000;
});
loadGauge(
  'magistry_outbox_unpublished_events',
  'Committed events that are not in the stream yet.',
  (load) => {
    return load.unpublishedEvents;
  },
);
loadGauge('magistry_outbox_lag_seconds', 'Age of the oldest committed event not in the stream.', (load) => {
  return load.outboxLagMs / 1_000;
});

/** What only the shard's owner can tell: others have no sample, so that a sum counts it once. */
function loadGauge(name: string, help: string, amount: (load: ShardLoad) => number): void {
  gauge({
    name,
    help,
    labels: ['shard'],
    read: (shown) => {
      for (const { shard, load } of watched) if (load) shown.set({ shard }, amount(load));
    },
  });
}

/** Counts one shard's commits. Labels are bound once, not once a batch. */
export class CommitMeter {
  private readonly batches: ReturnType<typeof batches.labels>;
  private readonly commits: ReturnType<typeof commits.labels>;

  constructor(shard: number) {
    this.batches = batches.labels(String(shard));
    this.commits = commits.labels(String(shard));
  }

  committed(commandCount: number, durationMs: number, decisions: readonly ChainedDecision[]): void {
    this.batches.observe(commandCount);
    this.commits.observe(durationMs / 1_000);
    for (const { row } of decisions) rows.inc({ kind: row.kind, status: row.status });
  }

  failed(durationMs: number): void {
    this.commits.observe(durationMs / 1_000);
  }
}
