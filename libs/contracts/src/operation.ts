import type { DescMessage } from '@bufbuild/protobuf';
import type { z } from 'zod';
import type { ErrorStyle } from './error-styles.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Route {
  readonly method: Method;
  /** Fastify syntax: /v1/decisions/:decision */
  readonly path: string;
  readonly style: ErrorStyle;
  /** What the style of this prefix takes and answers otherwise than the operation says (design: api.md section 1). */
  readonly query?: z.ZodType;
  readonly responses?: PublicOperation['responses'];
  readonly idempotency?: IdempotencyRule;
}

/** How an Idempotency-Key is treated: 400 without it, honoured when sent, or never read. */
export type IdempotencyRule = 'required' | 'accepted' | 'none';

/**
 * A member of the first row of a list operation, asked with its sample's query or this one, or of what another
 * operation answers when it is asked for one. `isPublic` where other workspaces may name the same.
 */
interface ListedValue {
  readonly of: string;
  readonly member: string;
  readonly query?: string;
  readonly isPublic?: boolean;
}

/** Values that the operation takes, for its reference page and for tests that call every operation. */
export interface Sample {
  /** By name: the value, or the row that has it. */
  readonly params?: Readonly<Record<string, string | ListedValue>>;
  readonly query?: string;
  readonly body?: unknown;
  /** Scopes that it hands out, and that its caller must hold besides the operation's own. */
  readonly handsOut?: readonly string[];
}

/** What an event log is sent as: server-sent events that follow it, or one line an event. */
export type StreamMediaType = 'text/event-stream' | 'application/x-ndjson';

/**
 * A public operation, declared once. Routes, validation, OpenAPI and the access matrix are derived from it.
 * `name` is `<service>.<verb-noun>`: also its NATS subject, its file in the service and its span.
 */
export interface PublicOperation<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
> {
  readonly kind: 'public';
  readonly name: string;
  /** One line of what it does, for the reference pages. */
  readonly summary?: string;
  readonly sample?: Sample;
  readonly scope: string;
  readonly rateClass: 'read' | 'write' | 'killswitch';
  readonly idempotency: IdempotencyRule;
  readonly deadlineMs: number;
  readonly bodyLimitBytes: number;
  readonly routes: readonly Route[];
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** Every body the operation can answer with, by status. Failures are `Problem`s and need no entry. */
  readonly responses: Readonly<Record<number, z.ZodType>>;
  /** Who makes older versions' answers; the gateway when left out. Hot routes render theirs in the service. */
  readonly versionedAt?: 'service';
  /** Who keeps first answers under an Idempotency-Key; the gateway besides its service when left out. */
  readonly keptAt?: 'service';
  /** Request headers that its service reads, in lower case. */
  readonly headers?: readonly RequestHeader[];
  /** Of an operation that may answer with an event log instead of a body: what that is sent as. */
  readonly streams?: readonly StreamMediaType[];
  /**
   * The answer depends on workspace, version, params and query alone. One with an etag is kept at the gateway and
   * asked for again by it; 304 means that it still holds (RFC 9110, 13.1.2).
   */
  readonly isRevalidated?: true;
  /**
   * Its answer may be long in coming, and its service finds what it has begun by the patience of who asks: the gateway
   * asks again until the deadline, whichever process has died or left meanwhile.
   */
  readonly isAskedAgain?: true;
}

export type RequestHeader = 'prefer' | 'last-event-id' | 'if-none-match';

/** One service asking another: protobuf both ways, never reachable from outside. */
export interface ServiceCall<
  Request extends DescMessage = DescMessage,
  Response extends DescMessage = DescMessage,
> {
  readonly kind: 'service-call';
  readonly name: string;
  readonly request: Request;
  readonly response: Response;
  readonly deadlineMs: number;
}

export type Operation = PublicOperation | ServiceCall;

const onRoutes = new WeakMap<Route, PublicOperation>();

/** The operation as it is on one of its routes; the same object each time. */
export function operationOn(operation: PublicOperation, route: Route): PublicOperation {
  const known = onRoutes.get(route);
  if (known) return known;
  const { query = operation.query, responses = operation.responses } = route;
  const { idempotency = operation.idempotency } = route;
  const made = { ...operation, query, responses, idempotency };
  onRoutes.set(route, made);
  return made;
}

const DEFAULT_DEADLINE_MS = 2_000;
const DEFAULT_BODY_LIMIT_BYTES = 256 * 1024;

type Declared<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> = Omit<
  PublicOperation<Params, Query, Body>,
  'kind' | 'deadlineMs' | 'bodyLimitBytes'
> &
  Partial<Pick<PublicOperation, 'deadlineMs' | 'bodyLimitBytes'>>;

export function publicOperation<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType>(
  declared: Declared<Params, Query, Body>,
): PublicOperation<Params, Query, Body> {
  return {
    kind: 'public',
    deadlineMs: DEFAULT_DEADLINE_MS,
    bodyLimitBytes: DEFAULT_BODY_LIMIT_BYTES,
    ...declared,
  };
}

export function serviceCall<Request extends DescMessage, Response extends DescMessage>(
  declared: Omit<ServiceCall<Request, Response>, 'kind' | 'deadlineMs'> &
    Partial<Pick<ServiceCall, 'deadlineMs'>>,
): ServiceCall<Request, Response> {
  return { kind: 'service-call', deadlineMs: DEFAULT_DEADLINE_MS, ...declared };
}
