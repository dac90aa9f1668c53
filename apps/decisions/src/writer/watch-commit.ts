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
 * Each traced command has a span of the commit in its own trace. That of the first stands for the batch: it
 * links to every other command, and their spans link to it.
 */
function trace(leaders: readonly Leader[], startUnixMs: number, outcome: Outcome): void {
  const asked = leaders.flatMap(({ append, twins }) => [append, ...twins]);
  const [first, ...others] = asked.map(({ context }) => context.traceparent).filter(isTraced);
  if (first === undefined) return;
  const attributes = { 'magistry.batch.commands': asked.length };
  const endUnixMs = Date.now();
  const spanOf = (traceparent: string, links: readonly string[]) =>
    startSpan('decisions.commit', { traceparent, links, attributes, startUnixMs, endUnixMs });
  const batch = spanOf(first, others);
  for (const other of others) spanOf(other, batch ? [batch.traceparent] : [])?.end(outcome);
  batch?.end(outcome);
}
