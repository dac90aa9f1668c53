import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import type { Operation, RequestContext, SuccessSchema } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { type LoggedRequest, loggedRequest, remainingMs } from '@magistry/request-context';
import { type Outcome, outcomeOf, type Span, startSpan } from '@magistry/telemetry';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import type { Answer } from './answer.js';
import { decodeRequest } from './decode-request.js';
import { OperationMeter } from './metrics.js';
import { encodeProblem, encodeSuccess } from './reply-wire.js';

export type Handler = (request: never) => Promise<unknown>;

/** Told of faults, never of expected refusals. The request is unknown where it could not be read. */
export type FaultListener = (operation: string, request: LoggedRequest | undefined, error: unknown) => void;

export interface Served {
  /** Takes no more messages, then resolves once those already received are answered. */
  drain(): Promise<void>;
}

/**
 * Answers an operation on a subject, spread over all processes of `queue`. A request that is past its deadline
 * is dropped unanswered: its caller has gone.
 */
export function serve(
  connection: NatsConnection,
  target: { subject: string; queue: string; operation: Operation },
  handler: Handler,
  onFault: FaultListener,
): Served {
  const inFlight = new Set<Promise<void>>();
  const meter = new OperationMeter(target.operation.name);
  const subscription = connection.subscribe(target.subject, {
    queue: target.queue,
    callback: (error, message) => {
      if (error) return onFault(target.operation.name, undefined, error);
      const answering = answer(target.operation, handler, message, onFault, meter).finally(() =>
        inFlight.delete(answering),
      );
      inFlight.add(answering);
    },
  });
  return {
    drain: async () => {
      // A connection that is closed or away has nothing left to deliver.
      await subscription.drain().catch(() => undefined);
      while (inFlight.size > 0) await Promise.all(inFlight);
    },
  };
}

async function answer(
  operation: Operation,
  handler: Handler,
  message: Msg,
  onFault: FaultListener,
  meter: OperationMeter,
): Promise<void> {
  const startedAt = performance.now();
  let context: RequestContext | undefined;
  let span: Span | undefined;
  let outcome: Outcome = 'ok';
  try {
    const request = decodeRequest(operation, message.data);
    context = request.context;
    if (remainingMs(context) <= 0) {
      outcome = 'expired';
      return;
    }
    span = startSpan(operation.name, { kind: 'server', traceparent: context.traceparent });
    if (span) context.traceparent = span.traceparent;
    message.respond(encodeResult(operation, await handler(request as never)));
  } catch (error) {
    outcome = outcomeOf(error);
    if (!(error instanceof ProblemError)) onFault(operation.name, context && loggedRequest(context), error);
    message.respond(encodeProblem(error));
  } finally {
    meter.answered(outcome, performance.now() - startedAt);
    span?.end(outcome);
  }
}

function encodeResult(operation: Operation, result: unknown): Uint8Array {
  const success: MessageInitShape<typeof SuccessSchema> =
    operation.kind === 'public'
      ? { headers: {}, withoutEffect: false, ...(result as Answer) }
      : {
          status: 200,
          headers: {},
          withoutEffect: false,
          body: toBinary(operation.response, create(operation.response, result as Record<string, unknown>)),
        };
  return encodeSuccess(success);
}
