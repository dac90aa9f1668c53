import { create } from '@bufbuild/protobuf';
import { type RequestContext, RequestContextSchema, type Success } from '@magistry/contracts';
import type { Caller } from '@magistry/messaging';
import type { Drain } from '../drain.js';
import { askAt, type Sent } from '../versions/ask-at.js';
import type { PublishedVersions } from '../versions/published-versions.js';
import { costsBuildCredit, spendBuildCredit } from './build-credit.js';
import type { Exchange } from './exchange.js';
import type { ReplayStore } from './replay-store.js';
import type { Stage } from './stage.js';

const JSON_TYPE = 'application/json; charset=utf-8';

/**
 * Asks the service and passes on what it answers: status, headers and bytes, none of them looked at but where
 * the caller's version differs and the service leaves that to us.
 */
export function forward(
  caller: Caller,
  drain: Drain,
  versions: PublishedVersions,
  replays: ReplayStore,
): Stage {
  return async (exchange) => {
    const { reply } = exchange;
    const success = exchange.replay ?? (await answerOf(exchange, caller, versions, replays));
    reply.code(success.status).headers(success.headers);
    if (success.body.length > 0) reply.header('content-type', JSON_TYPE);
    if (drain.isStarted) reply.header('connection', 'close');
    reply.send(success.body.length > 0 ? success.body : undefined);
  };
}

async function answerOf(
  exchange: Exchange,
  caller: Caller,
  versions: PublishedVersions,
  replays: ReplayStore,
): Promise<Success> {
  const { operation, request, query, body, json, apiVersion } = exchange;
  const params = request.params as Record<string, string>;
  const chain = versions.chain(operation, apiVersion);
  const ask = (sent: Sent) => caller.forward(operation, { params, ...sent }, contextOf(exchange));
  try {
    if (costsBuildCredit(exchange)) await spendBuildCredit(caller, contextOf(exchange));
    const success = await (chain ? askAt(chain, { query, body, json }, ask) : ask({ query, body }));
    replays.answered(exchange, success);
    return success;
  } catch (error) {
    replays.refused(exchange, error);
    throw error;
  }
}

function contextOf(exchange: Exchange): RequestContext {
  const { operation, request, traceparent, principal, workspace, apiVersion, idempotency } = exchange;
  return create(RequestContextSchema, {
    requestId: request.id,
    deadlineUnixMs: Date.now() + operation.deadlineMs,
    traceparent,
    principal,
    workspace,
    apiVersion,
    address: request.ip,
    ...(idempotency && { idempotency }),
  });
}
