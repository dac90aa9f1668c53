import { create } from '@bufbuild/protobuf';
import { type RequestContext, RequestContextSchema, type Success } from '@magistry/contracts';
import type { Caller } from '@magistry/messaging';
import { keepTraceparent } from '@magistry/request-context';
import type { Drain } from '../drain.js';
import type { Exchange } from './exchange.js';
import type { ReplayStore } from './replay-store.js';
import type { Stage } from './stage.js';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Asks the service and passes on what it answers: status, headers and bytes, none of them looked at. */
export function forward(caller: Caller, drain: Drain, replays: ReplayStore): Stage {
  return async (exchange) => {
    const { reply } = exchange;
    const success = exchange.replay ?? (await ask(caller, exchange, replays));
    reply.code(success.status).headers(success.headers);
    if (success.body.length > 0) reply.header('content-type', JSON_TYPE);
    if (drain.isStarted) reply.header('connection', 'close');
    reply.send(success.body.length > 0 ? success.body : undefined);
  };
}

async function ask(caller: Caller, exchange: Exchange, replays: ReplayStore): Promise<Success> {
  const { operation, request, query, body } = exchange;
  const params = request.params as Record<string, string>;
  try {
    const success = await caller.forward(operation, { params, query, body }, contextOf(exchange));
    replays.answered(exchange, success);
    return success;
  } catch (error) {
    replays.refused(exchange, error);
    throw error;
  }
}

function contextOf(exchange: Exchange): RequestContext {
  const { operation, request, principal, workspace, credential, idempotency } = exchange;
  return create(RequestContextSchema, {
    requestId: request.id,
    deadlineUnixMs: Date.now() + operation.deadlineMs,
    traceparent: keepTraceparent(exchange.header('traceparent')),
    principal,
    workspace,
    apiVersion: credential.apiVersion,
    ...(idempotency && { idempotency }),
  });
}
