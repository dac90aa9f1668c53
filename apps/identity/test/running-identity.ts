import type { MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import type { PublicOperation, RequestContext, ServiceCall, Success } from '@magistry/contracts';
import { Caller, NatsServer } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import { connectTestNats, createTestDatabase, endedInAnyCase } from '@magistry/testing';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import pg from 'pg';
import { AppModule } from '../src/app.module.js';
import type { Letter } from '../src/people/mail.js';
import { Database } from '../src/storage/database.js';
import { Housekeeping } from '../src/storage/housekeeping.js';

const SECRET = 'a secret for the tests of identity, long enough';

/** The service as it runs, over real Postgres and NATS, with a caller and an owner's look at its tables. */
export interface RunningIdentity {
  call<Of extends ServiceCall>(
    operation: Of,
    message: MessageInitShape<Of['request']>,
  ): Promise<MessageShape<Of['response']>>;
  /** Another service's, as far as identity can tell. */
  readonly caller: Caller;
  /** As the gateway forwards a public operation. */
  forward(operation: PublicOperation, request: Forwarded): Promise<Success>;
  /** The service's own; moved on by a test. */
  readonly clock: { now: () => number };
  /** What the service's pages ask, who stand in its process. */
  part<Class>(type: Type<Class>): Class;
  /** Those that no mail was set up for. */
  readonly letters: readonly Letter[];
  /** As it does every ten minutes. */
  keepHouse(): Promise<void>;
  asOwner(sql: string, values?: unknown[]): Promise<pg.QueryResult>;
  asService(sql: string): Promise<pg.QueryResult>;
  /** Throws what the service failed with besides expected refusals. */
  stop(): Promise<void>;
}

export interface Forwarded {
  readonly context: RequestContext;
  readonly params?: Record<string, string>;
  readonly query?: string;
  readonly body?: unknown;
}

export async function startIdentity(databaseUrl?: string, smtpUrl?: string): Promise<RunningIdentity> {
  const testDatabase = await createTestDatabase('identity');
  const nats = await connectTestNats('identity');
  const faults: unknown[] = [];
  const database = new Database(databaseUrl ?? testDatabase.url, () => undefined);
  const strategy = new NatsServer({
    connection: nats,
    service: 'identity',
    readiness: async () => ({}),
    onFault: (_operation, _requestId, error) => faults.push(error),
  });
  const letters: Letter[] = [];
  const clock = { now: () => Date.now() };
  const module = AppModule.with({
    nats,
    database,
    keyPepper: SECRET,
    sealingSecret: SECRET,
    baseUrl: 'https://api.example.com',
    upgradeUrl: 'https://example.com/upgrade',
    tokenAudience: 'api.example.com',
    http: { host: '127.0.0.1', port: 0, url: undefined },
    mail: { smtpUrl, from: 'Magistry <no-reply@example.com>', log: (letter) => letters.push(letter) },
    now: () => clock.now(),
  });
  const app = await NestFactory.createMicroservice(module, { strategy, logger: false });
  const owner = new pg.Pool({
    connectionString: testDatabase.adminUrl,
    max: 1,
    options: '-c search_path=identity',
  });
  const service = new pg.Pool({ connectionString: testDatabase.url, max: 1 });
  const stop = endedInAnyCase(async () => {
    await app.close();
    await nats.drain();
    await Promise.all([owner.end(), service.end()]);
    await testDatabase.drop();
    if (faults.length > 0) throw new AggregateError(faults, 'operations failed');
  });
  await app.listen();
  const caller = new Caller(nats);
  return {
    caller,
    call: (operation, message) =>
      caller.call(operation, message, systemContext('test', { deadlineMs: 5_000 })),
    forward: (operation, { context, params = {}, query = '', body }) => {
      const bytes = body === undefined ? new Uint8Array(0) : Buffer.from(JSON.stringify(body));
      return caller.forward(operation, { params, query, body: bytes }, context);
    },
    clock,
    letters,
    part: (type) => app.get(type),
    keepHouse: () => app.get(Housekeeping).deleteExpired(),
    asOwner: (sql, values) => owner.query(sql, values),
    asService: (sql) => service.query(sql),
    stop,
  };
}
