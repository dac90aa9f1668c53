import { isTraced, type Outcome, outcomeOf, startSpan } from '@magistry/telemetry';
import type { LedgerBatch } from '../storage/ledger-batch.js';
import type { CommitMeter } from './metrics.js';
import type { Leader } from './settle.js';

/** Runs the commit of a batch, and tells metrics and traces how it went. */
export async function watchCommit(
  meter: CommitMeter,
  leaders: readonly Leader[],
  batch: LedgerBatch,
  commit: () => Promise<void>,
): Promise<void> {
  const startUnixMs = Date.now();
  const startedAt = performance.now();
  try {
    await commit();
    meter.committed(leaders.length, performance.now() - startedAt, batch.decisions);
    trace(leaders, startUnixMs, 'ok');
  } catch (error) {
    meter.failed(performance.now() - startedAt);
    trace(leaders, startUnixMs, outcomeOf(error));
    throw error;
  }
}

/**
 * The batch is a trace of its own that links to every command in it; each command's trace has a span of the same
 * time that links back.
 */
function trace(leaders: readonly Leader[], startUnixMs: number, outcome: Outcome): void {
  const asked = leaders.flatMap(({ append, twins }) => [append, ...twins]);
  const traced = asked.map(({ context }) => context.traceparent).filter(isTraced);
  if (traced.length === 0) return;
  const times = { startUnixMs, endUnixMs: Date.now() };
  const attributes = { 'magistry.batch.commands': asked.length };
  const batch = startSpan('decisions.commit-batch', { ...times, attributes, links: traced });
  const links = batch ? [batch.traceparent] : [];
  for (const traceparent of traced) {
    startSpan('decisions.commit', { ...times, traceparent, attributes, links })?.end(outcome);
  }
  batch?.end(outcome);
}
