import { covers, isWellFormedScope, mintApiKey } from '@magistry/access';
import { CURRENT_API_VERSION, type identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { principalOf, workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock, shown, shownOrNull, wholeSecond } from '../domain/clock.js';
import { check, scopeList } from '../domain/fields.js';
import { DEFAULT_KEY_SCOPES, requireHeld, requireTierUpTo } from '../domain/grants.js';
import { KeyHasher } from '../domain/key-hasher.js';
import { makersOf } from '../domain/makers.js';
import { notFound } from '../domain/principal.js';
import { keyPrefixIn } from '../domain/sandbox.js';
import { ApiKeyRecords } from '../storage/api-key-records.js';
import { KeyedWrites } from '../storage/keyed-writes.js';

type Operation = typeof identity.issueApiKey;

/** POST /api/v1/api-keys: a key of the workspace, shown in this answer and to a retry of it, never again. */
@Injectable()
export class IssueApiKey {
  constructor(
    private readonly keys: ApiKeyRecords,
    private readonly writes: KeyedWrites,
    private readonly hasher: KeyHasher,
    private readonly clock: Clock,
    private readonly audit: AuditOutbox,
  ) {}

  async execute({ context, body }: PublicRequest<Operation>): Promise<Answer> {
    const { name, rate_limit_tier: tier, api_version: apiVersion = CURRENT_API_VERSION } = body;
    const asked = check(
      { scopes: scopeList(isWellFormedScope) },
      { scopes: body.scopes ?? DEFAULT_KEY_SCOPES },
    );
    const scopes = [...new Set(asked.scopes)];
    const caller = principalOf(context);
    requireHeld(scopes, caller.scopes, covers);
    const makerIds = makersOf(caller);
    const workspaceId = workspaceOf(context).id;
    return this.writes.run(context, async (transaction) => {
      const now = this.clock.second();
      const expiresAt = this.expiryOf(body.expires_at);
      const workspace = await this.keys.lockWorkspace(transaction, workspaceId);
      if (!workspace) throw notFound();
      if (tier) requireTierUpTo(tier, workspace.tier);
      const key = mintApiKey(keyPrefixIn(workspace));
      const settings = { name, scopes, tier: tier ?? null, expiresAt, apiVersion, limitPerMinute: null };
      const wanted = { workspaceId, principalKeyId: null, makerIds, ...settings };
      const id = await this.keys.insert(transaction, wanted, this.hasher.seal(key), now);
      await this.audit.record(transaction, {
        ...askedBy(context),
        action: 'api_key.created',
        subject: `key:${id}`,
        details: { name, scopes },
      });
      const data = {
        id,
        name,
        key: key.credential,
        scopes,
        rate_limit_tier: tier ?? workspace.tier,
        expires_at: shownOrNull(expiresAt),
        created_at: shown(now),
      };
      return jsonAnswer({ message: 'API key created successfully.', data }, 201);
    });
  }

  private expiryOf(asked: string | null | undefined): Date | null {
    if (asked === null || asked === undefined) return null;
    const expiresAt = wholeSecond(Date.parse(asked));
    if (expiresAt.getTime() > this.clock.now()) return expiresAt;
    const errors = [{ path: 'expires_at', code: 'past', message: 'must lie in the future' }];
    throw new ProblemError('validation_failed', 'expires_at must lie in the future.', { errors });
  }
}
