import { create } from '@bufbuild/protobuf';
import { type RequestContext, RequestContextSchema, type Success } from '@magistry/contracts';
import type { Caller } from '@magistry/messaging';
import type { Drain } from '../drain.js';
import type { EventLogs } from '../streams/event-logs.js';
import { sendEventLog } from '../streams/send-event-log.js';
import { askAt, type Sent } from '../versions/ask-at.js';
import type { PublishedVersions } from '../versions/published-versions.js';
import { askPatiently } from './ask-patiently.js';
import { costsBuildCredit, spendBuildCredit } from './build-credit.js';
import type { Exchange } from './exchange.js';
import { KeptAnswers } from './kept-answers.js';
import type { ReplayStore } from './replay-store.js';
import type { Stage } from './stage.js';

const JSON_TYPE = 'application/json; charset=utf-8';

interface Surroundings {
  readonly caller: Caller;
  readonly drain: Drain;
  readonly versions: PublishedVersions;
  readonly replays: ReplayStore;
  readonly logs: EventLogs;
}

/**
 * Asks the service and passes on what it answers: status, headers and bytes, none of them looked at but where
 * the caller's version differs and the service leaves that to us. An event log is followed in the place of bytes.
 */
export function forward(surroundings: Surroundings): Stage {
  const { drain, logs } = surroundings;
  const kept = new KeptAnswers();
  return async (exchange) => {
    const { reply } = exchange;
    const success = exchange.replay ?? (await answerOf(exchange, surroundings, kept));
    reply.code(success.status).headers(success.headers);
    if (drain.isStarted) reply.header('connection', 'close');
    if (success.eventLog) return sendEventLog(exchange, success.eventLog, logs);
    if (success.body.length > 0) reply.header('content-type', JSON_TYPE);
    reply.send(success.body.length > 0 ? success.body : undefined);
  };
}

async function answerOf(
  exchange: Exchange,
  { caller, versions, replays }: Surroundings,
  kept: KeptAnswers,
): Promise<Success> {
  const { operation, route, request, reply, query, body, json, apiVersion } = exchange;
  const params = request.params as Record<string, string>;
  const headers = headersOf(exchange);
  const chain = versions.chain(operation, apiVersion);
  const ask = (sent: Sent, sentHeaders = headers) => {
    const forwarded = { params, headers: sentHeaders, route: route.path, ...sent };
    const context = contextOf(exchange);
    if (!operation.isAskedAgain) return caller.forward(operation, forwarded, context);
    const askOnce = (asked: RequestContext, answerMs: number) =>
      caller.forward(operation, forwarded, asked, answerMs);
    return askPatiently(context, askOnce, () => reply.raw.closed);
  };
  // An answer that closes before there is one has lost its client.
  const { raw } = reply;
  const onLeft = exchange.claimOutcome && (() => replays.left(exchange));
  if (onLeft) raw.once('close', onLeft);
  try {
    if (costsBuildCredit(exchange)) await spendBuildCredit(caller, contextOf(exchange));
    const success = await (chain
      ? askAt(chain, { query, body, json }, (sent) => ask(sent))
      : kept.ask(exchange, headers, (sentHeaders) => ask({ query, body }, sentHeaders)));
    replays.answered(exchange, success);
    return success;
  } catch (error) {
    replays.refused(exchange, error);
    throw error;
  } finally {
    if (onLeft) raw.off('close', onLeft);
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

function headersOf({ operation, request }: Exchange): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of operation.headers ?? []) {
    const value = request.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  return headers;
}
