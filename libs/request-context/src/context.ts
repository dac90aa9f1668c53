import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { CURRENT_API_VERSION, type RequestContext, RequestContextSchema } from '@magistry/contracts';
import { takeRandom, ulidFactory } from './random.js';

const ulid = ulidFactory();

/** A context for work that no HTTP request started: seeds, schedules, an operator's command. */
export function systemContext(
  actor: string,
  options: { deadlineMs: number; now?: number; workspace?: NonNullable<ContextFields['workspace']> },
): RequestContext {
  const id = `system:${actor}`;
  return create(RequestContextSchema, {
    requestId: newRequestId(),
    deadlineUnixMs: (options.now ?? Date.now()) + options.deadlineMs,
    traceparent: newTraceparent(UNSAMPLED),
    principal: { id, actor: id, scopes: ['*'] },
    workspace: options.workspace,
    apiVersion: CURRENT_API_VERSION,
  });
}

type ContextFields = Exclude<MessageInitShape<typeof RequestContextSchema>, RequestContext>;

/** Milliseconds that are left to work on the request; 0 or less when nobody waits any more. */
export function remainingMs(context: RequestContext, now = Date.now()): number {
  return context.deadlineUnixMs - now;
}

export function newRequestId(): string {
  return `req_${ulid()}`;
}

const SANE_REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** Keeps a client's own id when it is safe to log and send back. */
export function keepRequestId(offered: string | undefined): string {
  return offered !== undefined && SANE_REQUEST_ID.test(offered) ? offered : newRequestId();
}

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const SAMPLED = '01';
/** A trace that nobody has begun would hang in the air: what no request started is not recorded. */
const UNSAMPLED = '00';

/** W3C trace context: goes on with the caller's trace or starts one. */
export function keepTraceparent(offered: string | undefined): string {
  return offered !== undefined && TRACEPARENT.test(offered) ? offered : newTraceparent(SAMPLED);
}

/** For log lines: the trace that a request belongs to, as the W3C writes its id. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}

/** How log lines name a request. */
export function loggedRequest({ requestId, traceparent }: RequestContext): LoggedRequest {
  return { requestId, trace_id: traceIdOf(traceparent) };
}

export interface LoggedRequest {
  readonly requestId: string;
  readonly trace_id: string;
}

function newTraceparent(flags: string): string {
  const random = takeRandom(24).toString('hex');
  return `00-${random.slice(0, 32)}-${random.slice(32)}-${flags}`;
}
