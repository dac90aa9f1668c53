import { create, fromBinary, type MessageInitShape, type MessageShape, toBinary } from '@bufbuild/protobuf';
import {
  type Operation,
  type PublicOperation,
  type RequestContext,
  RequestContextSchema,
  RequestSchema,
  type ServiceCall,
  type Success,
} from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { remainingMs } from '@magistry/request-context';
import { outcomeOf, startSpan } from '@magistry/telemetry';
import { type NatsConnection, errors as natsErrors } from '@nats-io/transport-node';
import { Link } from './connection.js';
import { decodeReply } from './reply-wire.js';

/** What of a public request the gateway hands on besides the context. */
export interface ForwardedRequest {
  readonly params: Record<string, string>;
  readonly query: string;
  readonly body: Uint8Array;
  /** The path of the route that was taken; the operation's first when left out. */
  readonly route?: string;
  readonly headers?: Record<string, string>;
}

/** Nobody answered while it was waited for. */
export class Unanswered extends ProblemError {
  constructor() {
    super(
      'timeout',
      'The service did not answer in time; the outcome is unknown. Retry with the same Idempotency-Key.',
    );
  }
}

/**
 * Asks other services. A call that reached nobody is `service_unavailable` (nothing ran); one that was sent and
 * not answered by the context's deadline is `timeout` (outcome unknown).
 */
export class Caller {
  private readonly link: Link;

  constructor(private readonly connection: NatsConnection) {
    this.link = new Link(connection);
  }

  /** `subject` differs from the operation's name only where shards share an operation. */
  async call<Of extends ServiceCall>(
    operation: Of,
    message: MessageInitShape<Of['request']>,
    context: RequestContext,
    subject: string = operation.name,
  ): Promise<MessageShape<Of['response']>> {
    const body = toBinary(operation.request, create(operation.request, message));
    const success = await this.ask(operation, subject, context, { params: {}, query: '', body });
    return fromBinary(operation.response, success.body) as MessageShape<Of['response']>;
  }

  /** Waits for the context's deadline, or no longer than `answerMs`. */
  forward(
    operation: PublicOperation,
    request: ForwardedRequest,
    context: RequestContext,
    answerMs?: number,
  ): Promise<Success> {
    return this.ask(operation, operation.name, context, request, answerMs);
  }

  private ask(
    operation: Operation,
    subject: string,
    context: RequestContext,
    request: ForwardedRequest,
    answerMs?: number,
  ): Promise<Success> {
    const span = startSpan(operation.name, {
      kind: 'client',
      traceparent: context.traceparent,
      attributes: { 'messaging.system': 'nats', 'messaging.destination.name': subject },
    });
    if (span === undefined) return this.request(subject, context, request, answerMs);
    const { traceparent } = span;
    const within = create(RequestContextSchema, { ...context, traceparent });
    const asking = this.request(subject, within, request, answerMs);
    asking.then(
      () => span.end('ok'),
      (error) => span.end(outcomeOf(error)),
    );
    return asking;
  }

  private async request(
    subject: string,
    context: RequestContext,
    request: ForwardedRequest,
    answerMs = Number.POSITIVE_INFINITY,
  ): Promise<Success> {
    const timeoutMs = Math.min(remainingMs(context), answerMs);
    if (timeoutMs <= 0) throw new Unanswered();
    if (!this.link.isUp) throw unreachable();
    const bytes = toBinary(RequestSchema, create(RequestSchema, { context, ...request }));
    const message = await this.connection
      .request(subject, bytes, { timeout: Math.ceil(timeoutMs) })
      .catch(explain);
    return decodeReply(message.data);
  }
}

function explain(error: unknown): never {
  if (error instanceof natsErrors.TimeoutError) throw new Unanswered();
  if (error instanceof natsErrors.RequestError && error.cause instanceof natsErrors.TimeoutError)
    throw new Unanswered();
  throw reachedNobody(error) ? unreachable() : error;
}

function reachedNobody(error: unknown): boolean {
  return (
    error instanceof natsErrors.NoRespondersError ||
    error instanceof natsErrors.ClosedConnectionError ||
    error instanceof natsErrors.DrainingConnectionError ||
    (error instanceof natsErrors.RequestError && error.isNoResponders())
  );
}

function unreachable(): ProblemError {
  return new ProblemError(
    'service_unavailable',
    'The service is not reachable right now; nothing ran. Retry shortly.',
    {
      retryAfterSeconds: 1,
    },
  );
}
