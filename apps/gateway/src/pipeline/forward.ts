import { create } from '@bufbuild/protobuf';
import { type RequestContext, RequestContextSchema } from '@magistry/contracts';
import type { Caller } from '@magistry/messaging';
import type { Drain } from '../drain.js';
import type { Exchange } from './exchange.js';
import type { Stage } from './stage.js';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Asks the service and passes on what it answers: status, headers and bytes, none of them looked at. */
export function forward(caller: Caller, drain: Drain): Stage {
  return async (exchange) => {
    const { operation, request, reply, query, body } = exchange;
    const params = request.params as Record<string, string>;
    const success = await caller.forward(operation, { params, query, body }, contextOf(exchange));
    reply.code(success.status).headers(success.headers);
    if (success.body.length > 0) reply.header('content-type', JSON_TYPE);
    if (drain.isStarted) reply.header('connection', 'close');
    reply.send(success.body.length > 0 ? success.body : undefined);
  };
}

function contextOf(exchange: Exchange): RequestContext {
  const { operation, request, traceparent, principal, workspace, credential, idempotency } = exchange;
  return create(RequestContextSchema, {
    requestId: request.id,
    deadlineUnixMs: Date.now() + operation.deadlineMs,
    traceparent,
    principal,
    workspace,
    apiVersion: credential.apiVersion,
    ...(idempotency && { idempotency }),
  });
}
