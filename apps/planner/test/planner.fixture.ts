import { create } from '@bufbuild/protobuf';
import { planner, type RequestContext, RequestContextSchema, type Success } from '@magistry/contracts';
import { Caller, type NatsConnection, NatsServer } from '@magistry/messaging';
import { newRequestId } from '@magistry/request-context';
import { connectTestNats, endedInAnyCase } from '@magistry/testing';
import type { INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../src/app.module.js';

/** A planner as it runs, on a connection of its own, and the gateway's side of it. */
export class RunningPlanner {
  now = Date.parse('2026-05-25T06:14:02Z');
  private constructor(
    readonly gateway: NatsConnection,
    private readonly caller: Caller,
  ) {}
  private app: INestMicroservice | undefined;
  private connection: NatsConnection | undefined;

  static async start(): Promise<RunningPlanner> {
    const gateway = await connectTestNats('gateway');
    const running = new RunningPlanner(gateway, new Caller(gateway));
    const nats = await connectTestNats('planner');
    const strategy = new NatsServer({
      connection: nats,
      service: 'planner',
      readiness: async () => ({}),
      onFault: (operation, _id, error) => console.error(operation, error),
    });
    const module = AppModule.with({ nats, now: () => running.now });
    running.connection = nats;
    running.app = await NestFactory.createMicroservice(module, { strategy, logger: false });
    await running.app.listen();
    await nats.flush();
    return running;
  }

  readonly stop = endedInAnyCase(async () => {
    await this.app?.close();
    await this.connection?.drain();
    await this.gateway.drain();
  });

  propose(body: unknown, context: RequestContext): Promise<Success> {
    return this.send(planner.propose, body, context);
  }

  send(
    operation: Parameters<Caller['forward']>[0],
    body: unknown,
    context: RequestContext,
    params: Record<string, string> = {},
  ): Promise<Success> {
    const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    return this.caller.forward(operation, { params, query: '', body: bytes }, context);
  }
}

export function aContext(workspaceId: number, deadlineMs = 2_000): RequestContext {
  const actor = 'partner:research-tool';
  return create(RequestContextSchema, {
    requestId: newRequestId(),
    deadlineUnixMs: Date.now() + deadlineMs,
    principal: { id: actor, actor, scopes: ['*'] },
    workspace: { id: workspaceId, slug: 'linen-house', tier: 'enterprise' },
  });
}
