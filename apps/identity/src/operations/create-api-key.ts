import { isWellFormedScope, mintApiKey } from '@magistry/access';
import { CURRENT_API_VERSION, type identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { principalOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import {
  apiVersion,
  check,
  expiry,
  limitPerMinute,
  name,
  orAbsent,
  rowId,
  scopeList,
  tier,
} from '../domain/fields.js';
import { DEFAULT_KEY_SCOPES, requireTierWithin } from '../domain/grants.js';
import { KeyHasher } from '../domain/key-hasher.js';
import { makersOf } from '../domain/makers.js';
import { keyPrefixIn } from '../domain/sandbox.js';
import { AcrossWorkspaces } from '../storage/across-workspaces.js';
import { ApiKeyStore } from '../storage/api-key-store.js';
import { WorkspaceStore } from '../storage/workspace-store.js';

type Operation = typeof identity.createApiKey;

const FIELDS = {
  workspaceId: rowId,
  name,
  scopes: scopeList(isWellFormedScope),
  tier: orAbsent(tier),
  apiVersion: orAbsent(apiVersion),
  limitPerMinute,
};

/** A key of a workspace, shown in this answer and never again. */
@Injectable()
export class CreateApiKey {
  constructor(
    private readonly workspaces: WorkspaceStore,
    private readonly keys: ApiKeyStore,
    private readonly across: AcrossWorkspaces,
    private readonly audit: AuditOutbox,
    private readonly hasher: KeyHasher,
  ) {}

  async execute({ context, message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const asked = check({ ...FIELDS, expiresUnixMs: expiry(Date.now()) }, message);
    const workspace = await this.workspaces.findLive(asked.workspaceId);
    if (!workspace) throw new ProblemError('not_found', `There is no workspace ${asked.workspaceId}.`);
    requireTierWithin(asked.tier, workspace.tier);
    const key = mintApiKey(message.isIntegration ? 'magus_sk' : keyPrefixIn(workspace));
    const { name, tier } = asked;
    const settings = {
      ...{ name, tier, makerIds: makersOf(principalOf(context)) },
      scopes: asked.scopes.length > 0 ? asked.scopes : DEFAULT_KEY_SCOPES,
      limitPerMinute: asked.limitPerMinute || undefined,
      apiVersion: asked.apiVersion ?? CURRENT_API_VERSION,
      expiresAt: asked.expiresUnixMs ? new Date(asked.expiresUnixMs) : undefined,
    };
    const secret = this.hasher.seal(key);
    const id = await this.across.transaction(async (transaction) => {
      const made = await this.keys.createForWorkspace(transaction, workspace.id, secret, settings);
      await this.audit.record(transaction, {
        ...askedBy(context),
        workspaceId: workspace.id,
        action: 'api_key.created',
        subject: `key:${made}`,
        details: { name, scopes: settings.scopes },
      });
      return made;
    });
    return { id, key: key.credential };
  }
}
