import { create, toBinary } from '@bufbuild/protobuf';
import { type Operation, type Success } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { remainingMs } from '@magistry/request-context';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import type { Answer } from './answer.js';
import { decodeRequest } from './decode-request.js';
import { encodeProblem, encodeSuccess } from './reply-wire.js';

export type Handler = (request: never) => Promise<unknown>;

/** Told of faults, never of expected refusals. */
export type FaultListener = (operation: string, requestId: string, error: unknown) => void;

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
  const subscription = connection.subscribe(target.subject, {
    queue: target.queue,
    callback: (error, message) => {
      if (error) return onFault(target.operation.name, '', error);
      const answering = answer(target.operation, handler, message, onFault).finally(() =>
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
): Promise<void> {
  let requestId = '';
  try {
    const request = decodeRequest(operation, message.data);
    requestId = request.context.requestId;
    if (remainingMs(request.context) <= 0) return;
    message.respond(encodeResult(operation, await handler(request as never)));
  } catch (error) {
    if (!(error instanceof ProblemError)) onFault(operation.name, requestId, error);
    message.respond(encodeProblem(error));
  }
}

function encodeResult(operation: Operation, result: unknown): Uint8Array {
  const success: Omit<Success, '$typeName'> =
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
