import { hostname } from 'node:os';
import { decisions } from '@magistry/contracts';
import type { AnswerSeal } from '@magistry/idempotency';
import {
  type CallRequest,
  EventStream,
  eventSubject,
  type NatsConnection,
  type Served,
  serve,
} from '@magistry/messaging';
import { OutboxRelay } from '@magistry/outbox';
import { loggedRequest } from '@magistry/request-context';
import type { Logger } from '@magistry/telemetry';
import { DueEscalations } from '../storage/across/due-escalations.js';
import { OutboxReader } from '../storage/across/outbox-reader.js';
import type { LedgerDatabase } from '../storage/ledger-database.js';
import { LedgerStore, type Tenure } from '../storage/ledger-store.js';
import { commandOf } from './command-of.js';
import { EscalationExpiry } from './escalation-expiry.js';
import type { ShardLoad } from './metrics.js';
import { ShardWriter } from './shard-writer.js';

const RETRY_MS = 250;

export interface OwnerOptions {
  readonly shard: number;
  readonly database: LedgerDatabase;
  readonly nats: NatsConnection;
  readonly seal: AnswerSeal;
  readonly logger: Logger;
  readonly now: () => number;
}

/** What exists only while this process owns the shard. */
interface Ownership {
  readonly store: LedgerStore;
  readonly writer: ShardWriter;
  readonly relay: OutboxRelay;
  readonly expiry: EscalationExpiry;
  readonly served: readonly Served[];
}

/**
 * Strives to own one shard: waits for its lock, then serves its subject and relays its events until it is
 * stopped or loses the lock. The subject is subscribed after the lock is taken and drained before it is let go.
 */
export class ShardOwner {
  private ownership: Ownership | null = null;
  private isStopped = false;
  private striving: Promise<void> | null = null;
  private letGo: () => void = () => undefined;

  constructor(private readonly options: OwnerOptions) {}

  get shard(): number {
    return this.options.shard;
  }

  get isOwner(): boolean {
    return this.ownership !== null;
  }

  get load(): ShardLoad | undefined {
    if (!this.ownership) return undefined;
    const { writer, relay } = this.ownership;
    const now = this.options.now();
    const unpublishedEvents = writer.position - (relay.position ?? writer.position);
    return {
      queuedCommands: writer.queuedCommands,
      ledgerLagMs: Math.max(0, now - (writer.oldestUnixMs ?? now)),
      unpublishedEvents,
      outboxLagMs: unpublishedEvents > 0 ? relay.sinceCaughtUpMs : 0,
    };
  }

  start(): void {
    this.striving ??= this.strive();
  }

  /** Answers what was received, then frees the shard for another process. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.letGo();
    await this.striving;
  }

  /** Gives the shard up for now; it is taken again when this process can serve it and nobody else has. */
  release(): void {
    this.letGo();
  }

  private async strive(): Promise<void> {
    const { logger, shard } = this.options;
    while (!this.isStopped) {
      try {
        await this.own();
      } catch (error) {
        logger.warn({ shard, error }, 'the shard was lost or could not be taken; trying again');
      }
      if (!this.isStopped) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** One tenure, from waiting for the lock to its end. */
  private async own(): Promise<void> {
    let lost: Error | null = null;
    const ended = new Promise<void>((resolve) => {
      this.letGo = resolve;
    });
    const store = new LedgerStore(this.options.shard, this.options.database.url, (error) => {
      lost ??= error;
      this.ownership?.writer.abandon();
      this.letGo();
    });
    try {
      await store.connect();
      const tenure = await this.waitForLock(store, ended);
      if (!tenure) return;
      this.ownership = this.take(store, tenure);
      this.options.logger.info({ shard: this.options.shard, epoch: tenure.epoch }, 'writing the shard');
      await ended;
    } finally {
      await this.end(store);
    }
    if (lost !== null && !this.isStopped) throw lost;
  }

  private async waitForLock(store: LedgerStore, ended: Promise<void>): Promise<Tenure | null> {
    let isEnded = false;
    void ended.then(() => {
      isEnded = true;
    });
    while (!isEnded && !this.isStopped) {
      const tenure = this.options.nats.isClosed() ? null : await store.takeOver();
      if (tenure) return tenure;
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, RETRY_MS))]);
    }
    return null;
  }

  private take(store: LedgerStore, tenure: Tenure): Ownership {
    const { shard, database, nats, logger, seal, now } = this.options;
    const relay = new OutboxRelay({
      subject: eventSubject('decisions', shard),
      openStream: () => EventStream.open(nats),
      source: new OutboxReader(database.across, shard),
      onFault: (error) => logger.warn({ shard, error }, 'events wait: the stream does not take them'),
    });
    const writer = new ShardWriter(store, tenure, {
      shard,
      seal,
      now,
      onCommit: () => relay.ring(),
      onLost: () => this.letGo(),
      onFault: (context, error) =>
        logger.error({ shard, ...loggedRequest(context), error }, 'a command failed'),
    });
    const expiry = new EscalationExpiry(new DueEscalations(database.across), writer, {
      shard,
      now,
      onFault: (error) => logger.warn({ shard, error }, 'due escalations wait; trying again'),
    });
    relay.start();
    expiry.start();
    const operation = decisions.append;
    const served = serve(
      nats,
      { subject: decisions.shardSubject(shard), queue: 'decisions', operation },
      (request: CallRequest<typeof operation>) => answer(writer, request),
      (_, asked, error) => logger.error({ shard, ...asked, error }, 'an append failed'),
    );
    return { store, writer, relay, expiry, served: [served, this.serveState(writer, tenure)] };
  }

  /** Tells an operator who writes the shard, and how much waits for it. */
  private serveState(writer: ShardWriter, { epoch }: Tenure): Served {
    const { shard, nats, logger } = this.options;
    const holder = { shard, epoch: BigInt(epoch), process: `${hostname()}:${process.pid}` };
    const operation = decisions.getWriterState;
    return serve(
      nats,
      { subject: decisions.writerStateSubject(shard), queue: 'decisions', operation },
      async () => ({ ...holder, queueLength: writer.queuedCommands }),
      (_, asked, error) => logger.error({ shard, ...asked, error }, 'the state could not be told'),
    );
  }

  private async end(store: LedgerStore): Promise<void> {
    const ownership = this.ownership;
    this.ownership = null;
    if (ownership) {
      await Promise.all(ownership.served.map((served) => served.drain()));
      await ownership.expiry.stop();
      await ownership.writer.drain();
      await ownership.relay.stop();
    }
    await store.close();
  }
}

async function answer(writer: ShardWriter, { context, message }: CallRequest<typeof decisions.append>) {
  const result = await writer.submit({ context, command: commandOf(context, message) });
  return {
    body: Buffer.from(result.body),
    replayed: result.replayOf !== undefined,
    originalRequestId: result.replayOf ?? '',
    policyMoved: result.isPolicyMoved ?? false,
    withoutEffect: result.isWithoutEffect ?? false,
  };
}
