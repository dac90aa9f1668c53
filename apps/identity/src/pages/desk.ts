import { createHash } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { allows } from '@magistry/access';
import {
  CURRENT_API_VERSION,
  type PublicOperation,
  type RequestContext,
  RequestContextSchema,
} from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { fingerprintOf } from '@magistry/idempotency';
import type { Answer, PublicRequest } from '@magistry/messaging';
import { keepRequestId, keepTraceparent } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { ROLE_SCOPES } from '../domain/people/roles.js';
import { userActor } from '../domain/people/user.js';
import type { Account } from '../storage/account-store.js';
import { type Membership, MembershipStore } from '../storage/membership-store.js';
import { BrowserLogins } from './browser-logins.js';
import type { Visit } from './visit.js';

const DEADLINE_MS = 10_000;

/** A member at work in a workspace, in a browser. */
export interface Seat {
  readonly visit: Visit;
  readonly account: Account;
  readonly membership: Membership;
  /** Of the role. */
  readonly scopes: readonly string[];
}

interface Asked {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly body?: unknown;
}

interface Operation<Of extends PublicOperation> {
  execute(request: PublicRequest<Of>): Promise<Answer>;
}

/**
 * Asks the operations of the API as a member: with the same contract, the scopes of the role, and a form's key as
 * its Idempotency-Key, so that a form that is sent twice is one.
 */
@Injectable()
export class Desk {
  constructor(
    private readonly logins: BrowserLogins,
    private readonly memberships: MembershipStore,
    private readonly clock: Clock,
  ) {}

  /** Undefined where nobody is logged in. Throws `not_found` for a workspace of others. */
  async seatAt(visit: Visit): Promise<Seat | undefined> {
    const account = await this.logins.current(visit);
    if (!account) return undefined;
    const memberships = await this.memberships.list(account.id);
    const membership = memberships.find(({ workspace }) => workspace.slug === visit.params['workspace']);
    if (!membership) throw new ProblemError('not_found', 'You are no member of such a workspace.');
    return { visit, account, membership, scopes: ROLE_SCOPES[membership.role] };
  }

  /** What the operation answers, read; throws what it refuses. */
  async ask<Of extends PublicOperation>(seat: Seat, operation: Of, by: Operation<Of>, asked: Asked = {}) {
    if (!allows(seat.scopes, operation.scope)) {
      throw new ProblemError('access_denied', `As ${seat.membership.role} you may not do this.`);
    }
    return this.askAnyway(seat, operation, by, asked);
  }

  /** Where the rules of the operation alone say who may: everybody may leave. */
  async askAnyway<Of extends PublicOperation>(
    seat: Seat,
    operation: Of,
    by: Operation<Of>,
    { params = {}, query = {}, body = {} }: Asked,
  ) {
    const request = {
      context: this.contextOf(seat, operation),
      params: read(operation.params, params),
      query: read(operation.query, query),
      body: read(operation.body, body),
    };
    // Each part is what its schema of the contract has read.
    const answer = await by.execute(request as PublicRequest<Of>);
    const text = Buffer.from(answer.body).toString();
    return text === '' ? undefined : JSON.parse(text);
  }

  private contextOf(
    { visit, account, membership, scopes }: Seat,
    operation: PublicOperation,
  ): RequestContext {
    const id = userActor(account.id);
    const { id: workspaceId, slug, tier } = membership.workspace;
    const key = visit.form.get('form_key');
    return create(RequestContextSchema, {
      requestId: keepRequestId(visit.requestId),
      traceparent: keepTraceparent(undefined),
      deadlineUnixMs: this.clock.now() + DEADLINE_MS,
      principal: { id, actor: id, scopes: [...scopes] },
      workspace: { id: workspaceId, slug, tier },
      address: visit.address,
      apiVersion: CURRENT_API_VERSION,
      ...(key && { idempotency: { key, fingerprint: fingerprintOfForm(visit, operation) } }),
    });
  }
}

function fingerprintOfForm({ form }: Visit, { name }: PublicOperation): Uint8Array {
  const bodyHash = createHash('sha256').update(form.toString()).digest();
  return fingerprintOf({ method: 'POST', path: name, query: '', version: '', bodyHash });
}

type Schema = PublicOperation['body'];

function read(schema: Schema, value: unknown): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ProblemError('validation_failed', 'Some fields are not valid.', {
    errors: result.error.issues.map(({ path, code, message }) => ({ path: path.join('.'), code, message })),
  });
}
