import { type Counter, counter, DURATION_BUCKETS, gauge, histogram, type Outcome } from '@magistry/telemetry';
import type { NatsConnection } from '@nats-io/transport-node';

const requests = counter({
  name: 'magistry_operation_requests_total',
  help: 'Requests that this process answered over NATS, by operation and outcome.',
  labels: ['operation', 'outcome'],
});

const durations = histogram({
  name: 'magistry_operation_duration_seconds',
  help: 'Time from receiving a request over NATS to its answer.',
  labels: ['operation'],
  buckets: DURATION_BUCKETS,
});

const connected = gauge({
  name: 'magistry_nats_connected',
  help: '1 while this process is connected to NATS, else 0.',
});

const disconnects = counter({
  name: 'magistry_nats_disconnects_total',
  help: 'Times that this process lost its connection to NATS.',
});

/** Counts one operation's requests. Labels are bound once, not once a request. */
export class OperationMeter {
  private readonly durations: ReturnType<typeof durations.labels>;
  private readonly byOutcome = new Map<Outcome, Counter.Internal>();

  constructor(private readonly operation: string) {
    this.durations = durations.labels(operation);
  }

  answered(outcome: Outcome, durationMs: number): void {
    this.durations.observe(durationMs / 1_000);
    this.requestsWith(outcome).inc();
  }

  private requestsWith(outcome: Outcome): Counter.Internal {
    let bound = this.byOutcome.get(outcome);
    if (bound === undefined) {
      bound = requests.labels(this.operation, outcome);
      this.byOutcome.set(outcome, bound);
    }
    return bound;
  }
}

/** Follows a connection from its first moment to its end. */
export async function watchConnection(connection: NatsConnection): Promise<void> {
  connected.set(1);
  for await (const { type } of connection.status()) {
    if (type === 'disconnect') disconnects.inc();
    if (type === 'disconnect' || type === 'close') connected.set(0);
    if (type === 'reconnect') connected.set(1);
  }
}
