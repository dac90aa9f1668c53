import { GuardedClient } from '@magistry/egress';
import { JobBell, JobWorker } from '@magistry/jobs';
import { AttemptResults } from '../storage/attempt-results.js';
import type { Database } from '../storage/database.js';
import { DeliveryRecords } from '../storage/delivery-records.js';
import { DueDeliveries } from '../storage/due-deliveries.js';
import { EndpointTurns } from '../storage/endpoint-turns.js';
import { Dispatcher, type DispatcherOptions } from './dispatcher.js';
import { DueWatch } from './due-watch.js';
import { PaceKeeper } from './pace-keeper.js';
import { ResultWriter, type ResultWriterOptions } from './result-writer.js';
import { ATTEMPT_TIMEOUT_MS } from './send-once.js';

type Given = 'render' | 'openSecret' | 'privateKeys' | 'now' | 'random' | 'onFault';

export interface SenderOptions extends Pick<DispatcherOptions, Given>, Pick<ResultWriterOptions, 'tell'> {
  readonly database: Database;
  /** Of the same database, for the connection that listens. */
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly allowsLoopback: boolean;
  /** Asked instead of the system's. */
  readonly nameServers?: readonly string[];
  /** For all of an attempt, its answer's body included; `ATTEMPT_TIMEOUT_MS` unless told. */
  readonly attemptTimeoutMs?: number;
  /** Attempts a second that an endpoint gets at most; the platform's limit unless told. */
  readonly rateMax?: number;
  /** Of this installation, where several share one Redis. */
  readonly prefix?: string;
}

/** Endpoints that one process serves at once: those that wait for their pace hold a place too. */
const ENDPOINTS_AT_ONCE = 1_000;

function queueName(prefix = 'magistry'): string {
  return `${prefix}-webhook-deliveries`;
}

/** All that sends in one worker process, from the bell to the written result. */
export class Sender {
  readonly watch: DueWatch;
  private readonly bell: JobBell;
  private readonly client: GuardedClient;
  private readonly pace: PaceKeeper;
  private readonly dispatcher: Dispatcher;
  private worker: JobWorker | undefined;

  constructor(private readonly options: SenderOptions) {
    const { database, databaseUrl, redisUrl, onFault, now, allowsLoopback, nameServers, prefix, rateMax } =
      options;
    const { attemptTimeoutMs = ATTEMPT_TIMEOUT_MS } = options;
    const due = new DueDeliveries(database);
    this.bell = new JobBell(redisUrl, queueName(prefix));
    this.client = new GuardedClient({ allowsLoopback, ...(nameServers && { nameServers }) });
    this.pace = new PaceKeeper({
      redisUrl,
      attemptTimeoutMs,
      ...(prefix !== undefined && { prefix }),
      ...(rateMax !== undefined && { rateMax }),
    });
    const results = new ResultWriter({
      ...options,
      results: new AttemptResults(database),
      turns: new EndpointTurns(new DeliveryRecords(database)),
    });
    const ring = (ids: readonly number[]) => this.bell.ring(ids.map(String));
    this.dispatcher = new Dispatcher({
      ...options,
      attemptTimeoutMs,
      due,
      results,
      pace: this.pace,
      client: this.client,
      ring: (endpointId) => void ring([endpointId]).catch(() => undefined),
    });
    this.watch = new DueWatch({ due, databaseUrl, ring, now, onFault });
  }

  start(): void {
    const { redisUrl, onFault, prefix } = this.options;
    this.worker = new JobWorker({
      redisUrl,
      name: queueName(prefix),
      concurrency: ENDPOINTS_AT_ONCE,
      work: (key) => this.dispatcher.serve(Number(key)),
      onFault,
    });
    this.watch.start();
    void this.pace.prepare();
  }

  /** Takes nothing more, lets what is under way end and be written. */
  async stop(): Promise<void> {
    // All at once: what one of them waits for must not keep another beginning more.
    await Promise.all([this.dispatcher.stop(), this.worker?.close(), this.watch.stop()]);
    await this.bell.close();
    this.pace.close();
    await this.client.close();
  }
}
