import { createHash, randomUUID } from 'node:crypto';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  decisions,
  type ProposeCommandSchema,
  type RequestContext,
  RequestContextSchema,
} from '@magistry/contracts';
import { fingerprintOf } from '@magistry/idempotency';
import { Caller, type NatsConnection, NatsServer } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import { createLogger } from '@magistry/telemetry';
import { connectTestNats, createTestDatabase, endedInAnyCase, type TestDatabase } from '@magistry/testing';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../src/app.module.js';
import { LedgerDatabase } from '../src/storage/ledger-database.js';

export type ProposeFields = Exclude<MessageInitShape<typeof ProposeCommandSchema>, { $typeName: string }>;

/** Facts as the planner sends them for seed 001's request, with whatever a test changes. */
export function aProposal(overrides: ProposeFields = {}): ProposeFields {
  const digest = createHash('sha256').update(randomUUID()).digest();
  return {
    action: 'PRICE_CHANGE',
    subject: 'linen-blazer-stone-m',
    evidenceTier: 'A',
    evidence: ['rsx://signals/2026-05-25/44912'],
    policyVersion: 0,
    gates: [
      { gate: 'tier_A', passed: true },
      { gate: 'trademark', passed: true },
    ],
    judgement: { verdict: 'PASS', scoreBasisPoints: 8_800 },
    effect: { facet: 'PRICE', change: { case: 'deltaMinor', value: -600 } },
    uniquenessDigest: digest,
    budgetDraw: { budget: 'prices', amountMinor: 600, limitMinorPerDay: 500_000 },
    velocityPerMinute: 600,
    parametersJson: '{"delta_eur":-6}',
    reversible: true,
    ...overrides,
  };
}

export interface Asked {
  readonly workspaceId?: number;
  readonly actor?: string;
  readonly key?: string;
  readonly bodyHash?: Uint8Array;
  readonly apiVersion?: string;
}

interface LedgerProcess {
  stop(): Promise<void>;
}

/** One decisions process in this test's own database, reached as the other services reach it. */
export class LedgerUnderTest {
  private constructor(
    readonly database: TestDatabase,
    readonly nats: NatsConnection,
    readonly caller: Caller,
    private readonly processes: LedgerProcess[],
    readonly clock: { now: number },
  ) {}

  static async start(): Promise<LedgerUnderTest> {
    const database = await createTestDatabase('decisions');
    const nats = await connectTestNats('gateway');
    const ledger = new LedgerUnderTest(database, nats, new Caller(nats), [], { now: Date.now() });
    await ledger.startProcess();
    await ledger.untilWritable();
    return ledger;
  }

  /** Another process of the service on the same database. */
  async startProcess(): Promise<LedgerProcess> {
    const nats = await connectTestNats('decisions');
    const module = AppModule.with({
      nats,
      database: this.openDatabase(),
      logger: createLogger('decisions', process.env['LOG_LEVEL'] ?? 'silent'),
      cursorSecret: 'a cursor secret that is long enough!',
      sealingSecret: 'a sealing secret that is long enough',
      now: () => this.clock.now,
    });
    const strategy = new NatsServer({
      connection: nats,
      service: 'decisions',
      readiness: async () => ({}),
      onFault: () => undefined,
    });
    const app = await NestFactory.createMicroservice(module, { strategy, logger: false });
    const stop = endedInAnyCase(async () => {
      await app.close();
      await nats.drain();
    });
    await app.listen();
    this.processes.push({ stop });
    return { stop };
  }

  /** The database as a process of the service has it; close it. */
  openDatabase(): LedgerDatabase {
    return new LedgerDatabase(this.database.url, () => undefined);
  }

  async stopFirstProcess(): Promise<void> {
    await this.processes.shift()?.stop();
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map((running) => running.stop()));
    await this.nats.drain();
    await this.database.drop();
  }

  context({
    workspaceId = 7,
    actor = 'partner:research-tool',
    key,
    bodyHash = Buffer.alloc(32),
    apiVersion = '2026-05-01',
  }: Asked = {}): RequestContext {
    const base = systemContext('test', { deadlineMs: 5_000, now: Math.max(this.clock.now, Date.now()) });
    const parts = {
      method: 'POST',
      path: '/v1/planner/propose',
      query: '',
      version: apiVersion,
      bodyHash,
    };
    return create(RequestContextSchema, {
      requestId: base.requestId,
      deadlineUnixMs: base.deadlineUnixMs,
      apiVersion,
      principal: { id: actor, actor, scopes: ['*'] },
      workspace: { id: workspaceId, slug: `workspace-${workspaceId}`, tier: 'free' },
      ...(key !== undefined && { idempotency: { key, fingerprint: fingerprintOf(parts) } }),
    });
  }

  async append(command: MessageInitShape<typeof decisions.append.request>['command'], asked: Asked = {}) {
    const subject = decisions.appendSubject(asked.workspaceId ?? 7);
    const response = await this.caller.call(decisions.append, { command }, this.context(asked), subject);
    return {
      ...response,
      json: response.body.length > 0 ? JSON.parse(Buffer.from(response.body).toString()) : null,
    };
  }

  propose(overrides: ProposeFields = {}, asked: Asked = {}) {
    return this.append({ case: 'propose', value: aProposal(overrides) }, asked);
  }

  reverse(decision: number | string, asked: Asked = {}) {
    return this.append({ case: 'reverse', value: { decision: String(decision), reason: 'a test' } }, asked);
  }

  setKillSwitch(engaged: boolean, asked: Asked = {}) {
    return this.append({ case: 'setKillSwitch', value: { engaged, reason: 'a test' } }, asked);
  }

  async list(query = '', asked: Asked = {}) {
    const request = { params: {}, query, body: new Uint8Array(0) };
    const success = await this.caller.forward(decisions.listDecisions, request, this.context(asked));
    return JSON.parse(Buffer.from(success.body).toString());
  }

  async get(decision: number | string, asked: Asked = {}) {
    const request = { params: { decision: String(decision) }, query: '', body: new Uint8Array(0) };
    const success = await this.caller.forward(decisions.getDecision, request, this.context(asked));
    return JSON.parse(Buffer.from(success.body).toString());
  }

  /** Every row that fits the query, page after page by cursor. */
  async listAll(query: string, asked: Asked = {}): Promise<{ decision_id: number }[]> {
    const rows: { decision_id: number }[] = [];
    let cursor = '';
    while (true) {
      const page = await this.list(`${query}&limit=1000${cursor && `&cursor=${cursor}`}`, asked);
      rows.push(...page.data);
      if (!page.has_more) return rows;
      cursor = page.next_cursor;
    }
  }

  private async untilWritable(): Promise<void> {
    for (let attempt = 0; attempt < 100; attempt++) {
      const ready = await Promise.all(
        [0, 1, 2, 3].map((workspaceId) =>
          this.propose({ dryRun: true }, { workspaceId }).then(
            () => true,
            () => false,
          ),
        ),
      );
      if (ready.every(Boolean)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('no process took the shards within 5 s');
  }
}
