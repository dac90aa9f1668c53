import { createHash } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { CURRENT_API_VERSION, type PublicOperation, RequestContextSchema } from '@magistry/contracts';
import { GuardedClient } from '@magistry/egress';
import { fingerprintOf } from '@magistry/idempotency';
import { Caller, NatsServer } from '@magistry/messaging';
import { newRequestId } from '@magistry/request-context';
import { connectTestNats, createTestDatabase, endedInAnyCase } from '@magistry/testing';
import { NestFactory } from '@nestjs/core';
import pg from 'pg';
import { AppModule } from '../src/app.module.js';
import { Clock } from '../src/domain/clock.js';
import { LedgerInbox } from '../src/intake/ledger-inbox.js';
import { Housekeeping } from '../src/jobs/housekeeping.js';
import { ReplayRunner } from '../src/jobs/replay-runner.js';
import { Database } from '../src/storage/database.js';
import { EventCursors } from '../src/storage/event-cursors.js';
import { EventWeeks } from '../src/storage/event-weeks.js';
import { FanOut } from '../src/storage/fan-out.js';

export const SECRET = 'a secret for the tests of webhooks, long enough';
/** The one before it. */
export const FORMER_SECRET = 'a former secret for the tests of webhooks, long enough';

export interface Asked {
  readonly params?: Record<string, string>;
  readonly query?: string;
  readonly body?: unknown;
  /** The Idempotency-Key; none by default. */
  readonly key?: string;
  /** True takes the route of `/v1`. */
  readonly isSpine?: boolean;
}

export interface Told {
  readonly status: number;
  readonly headers: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the body holds
  readonly json: any;
}

/** The service as it runs, in a database of its own, with a clock that stands until a test moves it. */
export class RunningWebhooks {
  private constructor(
    readonly clock: { now: number },
    readonly database: Database,
    readonly housekeeping: Housekeeping,
    readonly replays: ReplayRunner,
    /** Shard 0 of the ledger's events. */
    readonly inbox: LedgerInbox,
    private readonly caller: Caller,
    private readonly owner: pg.Pool,
    private readonly service: pg.Pool,
    readonly stop: () => Promise<void>,
  ) {}

  static async start(): Promise<RunningWebhooks> {
    const testDatabase = await createTestDatabase('webhooks');
    const nats = await connectTestNats('webhooks');
    const gateway = await connectTestNats('gateway');
    const faults: unknown[] = [];
    const clock = { now: Date.now() };
    const database = new Database(testDatabase.url, () => undefined);
    const module = AppModule.with({
      nats,
      // Suites share one stream, whose events are of other databases.
      followsLedger: false,
      database,
      client: new GuardedClient({ allowsLoopback: true }),
      sealingSecret: SECRET,
      webhookSealingSecret: SECRET,
      otherWebhookSealingSecret: FORMER_SECRET,
      baseUrl: 'https://api.example.com',
      now: () => clock.now,
    });
    const strategy = new NatsServer({
      connection: nats,
      service: 'webhooks',
      readiness: async () => ({}),
      onFault: (_operation, _request, error) => faults.push(error),
    });
    const app = await NestFactory.createMicroservice(module, { strategy, logger: false });
    const { adminUrl, url } = testDatabase;
    const owner = new pg.Pool({ connectionString: adminUrl, max: 1, options: '-c search_path=webhooks' });
    const service = new pg.Pool({ connectionString: url, max: 1 });
    const stop = endedInAnyCase(async () => {
      await app.close();
      await Promise.all([nats.drain(), gateway.drain(), owner.end(), service.end()]);
      await testDatabase.drop();
      if (faults.length > 0) throw new AggregateError(faults, 'operations failed');
    });
    await app.listen();
    await nats.flush();
    const [housekeeping, replays] = [app.get(Housekeeping), app.get(ReplayRunner)];
    const inbox = new LedgerInbox(0, {
      ...{ database, cursors: app.get(EventCursors), weeks: app.get(EventWeeks) },
      ...{ fanOut: app.get(FanOut), clock: app.get(Clock) },
    });
    const caller = new Caller(gateway);
    return new RunningWebhooks(
      ...([clock, database, housekeeping, replays, inbox, caller, owner, service, stop] as const),
    );
  }

  /** As the gateway forwards it, for a key of the workspace. */
  async ask(operation: PublicOperation, asked: Asked = {}, workspaceId = 7): Promise<Told> {
    const { params = {}, query = '', body, key, isSpine = false } = asked;
    const { path = '', method = 'GET' } = operation.routes[isSpine ? 1 : 0] ?? {};
    const bytes = body === undefined ? new Uint8Array(0) : Buffer.from(JSON.stringify(body));
    const bodyHash = createHash('sha256').update(bytes).digest();
    const named = { method, path: `${path} ${JSON.stringify(params)}`, query, version: '', bodyHash };
    const context = create(RequestContextSchema, {
      requestId: newRequestId(),
      deadlineUnixMs: Date.now() + 5_000,
      apiVersion: CURRENT_API_VERSION,
      principal: { id: 'key:1', actor: 'key:1', scopes: ['*'] },
      workspace: { id: workspaceId, slug: `workspace-${workspaceId}`, tier: 'enterprise' },
      ...(key !== undefined && { idempotency: { key, fingerprint: fingerprintOf(named) } }),
    });
    const success = await this.caller.forward(
      operation,
      { params, query, body: bytes, route: path },
      context,
    );
    const text = Buffer.from(success.body).toString();
    return { status: success.status, headers: success.headers, json: text === '' ? null : JSON.parse(text) };
  }

  asOwner(sql: string, values?: unknown[]): Promise<pg.QueryResult> {
    return this.owner.query(sql, values);
  }

  /** On one connection, as the service's login. */
  asService(sql: string): Promise<pg.QueryResult> {
    return this.service.query(sql);
  }
}
