import {
  CURRENT_API_VERSION,
  type Principal,
  type PublicOperation,
  type Route,
  type Success,
  type Workspace,
} from '@magistry/contracts';
import { traceIdOf } from '@magistry/request-context';
import type { Span } from '@magistry/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RouteRule } from '../admission/rate-table.js';
import type { ClaimOutcome } from '../admission/verdict.js';
import type { KnownCredential } from '../identity/credential-directory.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the pipeline knows of this request; null outside of it. */
    exchange: Exchange | null;
  }
}

const NO_BYTES = new Uint8Array();

/** One request on its way through the stages: what came in, and what each stage has found out. */
export class Exchange {
  /** The body as received; empty when there is none. */
  body: Uint8Array = NO_BYTES;
  /** The parsed body of a write; undefined when it has none. */
  json: unknown = undefined;
  /** Which dated shape the caller reads and writes; routes that are not versioned speak the newest. */
  apiVersion: string = CURRENT_API_VERSION;
  /** SHA-256 of the canonical body. */
  bodyHash: Uint8Array = NO_BYTES;
  idempotency: { readonly key: string; readonly fingerprint: Uint8Array } | undefined = undefined;
  /** W3C trace context for what this request calls. */
  traceparent = '';
  /** Undefined while nothing is traced. */
  span: Span | undefined = undefined;
  /** Whether the limits know of this request already. */
  isCharged = false;
  claimOutcome: ClaimOutcome | undefined = undefined;
  /** The first answer under this key, to be given again. */
  replay: Success | undefined = undefined;
  /** Called when the request is answered: it counts as running no longer. */
  leave: () => void = nothingToLeave;
  private knownCredential: KnownCredential | undefined = undefined;
  private actingPrincipal: Principal | undefined = undefined;
  private chosenWorkspace: Workspace | undefined = undefined;

  constructor(
    readonly operation: PublicOperation,
    readonly route: Route,
    readonly bodyLimitBytes: number,
    /** Its rate limit, by who asks. */
    readonly ruleOf: RouteRule,
    readonly request: FastifyRequest,
    readonly reply: FastifyReply,
  ) {
    request.exchange = this;
  }

  get isWrite(): boolean {
    return this.request.method !== 'GET' && this.request.method !== 'HEAD';
  }

  /** A header that was sent once or joined by Node; undefined when absent or empty. */
  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  /** Of the route as declared: `/v1/decisions/:decision`. */
  get isVersioned(): boolean {
    return this.request.routeOptions.url?.startsWith('/v1/') ?? false;
  }

  /** The query as sent, without the question mark. */
  get query(): string {
    return (this.request.query as { text: string }).text;
  }

  /** The path as sent, without the query. */
  get path(): string {
    const { url = '' } = this.request.raw;
    return this.query === '' ? url : url.slice(0, -(this.query.length + 1));
  }

  get isIdentified(): boolean {
    return this.knownCredential !== undefined;
  }

  get credential(): KnownCredential {
    return reached(this.knownCredential, 'authenticate');
  }

  set credential(credential: KnownCredential) {
    this.knownCredential = credential;
    this.actingPrincipal = credential.principal;
  }

  get workspace(): Workspace {
    return reached(this.chosenWorkspace, 'workspace');
  }

  /** Whom the service sees, with the scopes that count in the workspace. */
  get principal(): Principal {
    return reached(this.actingPrincipal, 'authenticate');
  }

  actIn(workspace: Workspace, principal: Principal): void {
    this.chosenWorkspace = workspace;
    this.actingPrincipal = principal;
  }

  get traceId(): string {
    return traceIdOf(this.traceparent);
  }

  /** For the log, which also tells of requests that were refused on the way. */
  get principalId(): string | undefined {
    return this.actingPrincipal?.id;
  }

  get workspaceId(): number | undefined {
    return this.chosenWorkspace?.id;
  }
}

function nothingToLeave(): void {}

export function exchangeOf(request: FastifyRequest): Exchange {
  return reached(request.exchange ?? undefined, 'the first');
}

function reached<Found>(found: Found | undefined, stage: string): Found {
  if (found === undefined) throw new Error(`the stage "${stage}" has not run yet`);
  return found;
}
