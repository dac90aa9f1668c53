import { hash } from 'node:crypto';
import { create, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf';
import {
  IdempotencySchema,
  PrincipalSchema,
  type PublicOperation,
  type RequestContext,
  type ServiceCall,
  type Workspace,
  WorkspaceSchema,
} from '@magistry/contracts';
import { Caller, type NatsConnection, NatsServer } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { endedInAnyCase } from './leavings.js';
import { connectTestNats } from './test-nats.js';

export interface SentRequest {
  readonly params?: Record<string, string>;
  /** As behind the question mark of a URL. */
  readonly query?: string;
  readonly body?: unknown;
  /** The path of a route, of an operation that has several. */
  readonly route?: string;
  /** The trace that the request belongs to; one that is not kept when left out. */
  readonly traceparent?: string;
  /** Of a write that may be retried under it. */
  readonly idempotencyKey?: string;
  /** How long whoever asks waits. */
  readonly deadlineMs?: number;
  /** Who asks; `system:test` when left out. */
  readonly asker?: { readonly id: string; readonly makerIds?: string[] };
}

export interface SentAnswer {
  readonly status: number;
  readonly json: unknown;
}

/** A service that answers on NATS as in production, and the caller's side of it. Refusals are `ProblemError`s. */
export interface RunningService {
  send(
    operation: PublicOperation,
    request: SentRequest,
    workspace?: Partial<Pick<Workspace, 'id' | 'slug'>>,
  ): Promise<SentAnswer>;
  call<Of extends ServiceCall>(
    operation: Of,
    message: MessageInitShape<Of['request']>,
  ): Promise<MessageShape<Of['response']>>;
  /** Throws what the service failed with besides refusals. */
  stop(): Promise<void>;
}

/** Within the 30 s of a test. How soon a busy machine answers is promised nowhere: tests expect outcomes. */
const DEADLINE_MS = 25_000;
/** Gives as many bytes as a fingerprint has. */
const FINGERPRINT_HASH = 'sha512';

@Module({})
class ControllerAlone {}

/** A whole service over the NATS of `npm test`. */
export async function startService(
  service: string,
  module: (nats: NatsConnection) => DynamicModule,
): Promise<RunningService> {
  const nats = await connectTestNats(service);
  const gateway = await connectTestNats('gateway');
  const faults: unknown[] = [];
  const strategy = new NatsServer({
    connection: nats,
    service,
    readiness: async () => ({}),
    onFault: (_operation, _request, error) => faults.push(error),
  });
  const app = await NestFactory.createMicroservice(module(nats), { strategy, logger: false });
  const stop = endedInAnyCase(async () => {
    await app.close();
    await Promise.all([nats.drain(), gateway.drain()]);
    if (faults.length > 0) throw new AggregateError(faults, 'operations failed');
  });
  await app.listen();
  await nats.flush();
  const caller = new Caller(gateway);
  return {
    send: async (operation, request, workspace) => {
      const { params = {}, query = '', body = {}, route, traceparent, deadlineMs } = request;
      const { idempotencyKey: key, asker } = request;
      const bytes = Buffer.from(JSON.stringify(body));
      const sent = { params, query, body: bytes, ...(route !== undefined && { route }) };
      const fingerprint = hash(
        FINGERPRINT_HASH,
        JSON.stringify([operation.name, params, query, body]),
        'buffer',
      );
      const answer = await caller.forward(operation, sent, {
        ...contextIn(workspace, deadlineMs),
        ...(asker && { principal: create(PrincipalSchema, { actor: asker.id, scopes: ['*'], ...asker }) }),
        ...(traceparent !== undefined && { traceparent }),
        ...(key !== undefined && { idempotency: create(IdempotencySchema, { key, fingerprint }) }),
      });
      const text = Buffer.from(answer.body).toString();
      return { status: answer.status, json: text === '' ? undefined : JSON.parse(text) };
    },
    call: (operation, message) => caller.call(operation, message, contextIn()),
    stop,
  };
}

/** A service's controller with the operations under test; its others are absent, and fail when they are called. */
export function startController(
  service: string,
  controller: Type,
  operations: readonly object[],
): Promise<RunningService> {
  const wanted: Type[] = Reflect.getMetadata('design:paramtypes', controller) ?? [];
  const providers = wanted.map((type) => ({
    provide: type,
    useValue: operations.find((operation) => operation instanceof type) ?? {},
  }));
  return startService(service, () => ({ module: ControllerAlone, controllers: [controller], providers }));
}

function contextIn(
  workspace: Partial<Pick<Workspace, 'id' | 'slug'>> = {},
  deadlineMs = DEADLINE_MS,
): RequestContext {
  const { id = 7, slug = `workspace-${id}` } = workspace;
  return systemContext('test', {
    deadlineMs,
    workspace: create(WorkspaceSchema, { id, slug, tier: 'enterprise' }),
  });
}
