import { counter, DURATION_BUCKETS, gauge, histogram } from '@magistry/telemetry';
import type { Run } from '../domain/run.js';
import type { Usage } from '../domain/run-event.js';
import type { Addition, Lease } from '../storage/lease.js';

/** Models take seconds where databases take milliseconds. */
const MODEL_BUCKETS = [0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120];

const begun = counter({
  name: 'magistry_agent_runs_begun_total',
  help: 'Runs whose execution this process began, by kind: main, sub or message.',
  labels: ['kind'],
});

const takenOver = counter({
  name: 'magistry_agent_takeovers_total',
  help: 'Runs that this process went on with where another one, or an attempt of its own, had left them.',
});

const ended = counter({
  name: 'magistry_agent_runs_ended_total',
  help: 'Runs that this process ended, by kind and outcome: success, cancelled, or what they failed with.',
  labels: ['kind', 'outcome'],
});

const inFlight = gauge({
  name: 'magistry_agent_runs_in_flight',
  help: 'Runs that this process is executing.',
});

const modelCallDuration = histogram({
  name: 'magistry_agent_model_call_duration_seconds',
  help: 'Time from asking a model to the end of its answer, by outcome: ok, failed, or stopped from outside.',
  labels: ['outcome'],
  buckets: MODEL_BUCKETS,
});

const firstChunkDelay = histogram({
  name: 'magistry_agent_first_chunk_delay_seconds',
  help: 'Time from asking a model to the first part of its answer that is not empty.',
  buckets: MODEL_BUCKETS,
});

const tokens = counter({
  name: 'magistry_agent_tokens_total',
  help: 'Tokens of settled model calls, by kind: prompt or completion.',
  labels: ['kind'],
});

const costMicros = counter({
  name: 'magistry_agent_cost_micros_total',
  help: 'What settled model calls cost, in millionths of a US dollar.',
});

const toolCalls = counter({
  name: 'magistry_agent_tool_calls_total',
  help: 'Tool calls and delegations that have a result, by outcome: ok or failed.',
  labels: ['outcome'],
});

/** What all runs of the process had to write, from handing it over to its commit. */
export const appendDuration = histogram({
  name: 'magistry_agent_log_append_duration_seconds',
  help: 'Time that one commit of additions to the logs of runs took.',
  buckets: DURATION_BUCKETS,
});

/** What followers did not get live. */
export const eventsRead = counter({
  name: 'magistry_agent_events_read_total',
  help: 'Events that followers of logs read from the database: where a page is missing, or they come back.',
});

/** A run that this process executes from now on. */
export function countStart({ run, epoch }: Lease): void {
  inFlight.inc();
  if (epoch === 1) begun.labels(run.kind).inc();
  else takenOver.inc();
}

/** A run that this process executes no more, however it stands. */
export function countStop(): void {
  inFlight.dec();
}

/** A run that has ended. */
export function countEnd({ kind }: Pick<Run, 'kind'>, outcome: string): void {
  ended.labels(kind, outcome).inc();
}

/** What a committed addition tells. */
export function countAddition(run: Pick<Run, 'kind'>, { events, end, settled }: Addition): void {
  for (const event of events) {
    if (event.kind === 'tool-answered' || event.kind === 'delegation-answered')
      toolCalls.labels(event.error === undefined ? 'ok' : 'failed').inc();
  }
  if (settled) countSpent(settled.usage, settled.micros);
  if (end) countEnd(run, end.outcome.error?.code ?? end.status);
}

export function countSpent({ promptTokens, completionTokens }: Usage, micros: number): void {
  tokens.labels('prompt').inc(promptTokens);
  tokens.labels('completion').inc(completionTokens);
  costMicros.inc(micros);
}

/** The time of one model call, told once. */
export class ModelCallWatch {
  private readonly startedAt = performance.now();
  private hasSpoken = false;

  heard(): void {
    if (!this.hasSpoken) firstChunkDelay.observe(this.elapsedSeconds);
    this.hasSpoken = true;
  }

  ended(outcome: 'ok' | 'failed' | 'stopped'): void {
    modelCallDuration.labels(outcome).observe(this.elapsedSeconds);
  }

  private get elapsedSeconds(): number {
    return (performance.now() - this.startedAt) / 1_000;
  }
}
