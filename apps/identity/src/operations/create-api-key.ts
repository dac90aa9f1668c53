import { isWellFormedScope, mintApiKey } from '@magistry/access';
import { CURRENT_API_VERSION, type identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { CallRequest, ResultOf } from '@magistry/messaging';
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
import { keyPrefixIn } from '../domain/sandbox.js';
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
    private readonly hasher: KeyHasher,
  ) {}

  async execute({ message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const asked = check({ ...FIELDS, expiresUnixMs: expiry(Date.now()) }, message);
    const workspace = await this.workspaces.findLive(asked.workspaceId);
    if (!workspace) throw new ProblemError('not_found', `There is no workspace ${asked.workspaceId}.`);
    requireTierWithin(asked.tier, workspace.tier);
    const key = mintApiKey(keyPrefixIn(workspace));
    const id = await this.keys.createForWorkspace(workspace.id, this.hasher.seal(key), {
      name: asked.name,
      scopes: asked.scopes.length > 0 ? asked.scopes : DEFAULT_KEY_SCOPES,
      tier: asked.tier,
      limitPerMinute: asked.limitPerMinute || undefined,
      apiVersion: asked.apiVersion ?? CURRENT_API_VERSION,
      expiresAt: asked.expiresUnixMs ? new Date(asked.expiresUnixMs) : undefined,
    });
    return { id, key: key.credential };
  }
}
