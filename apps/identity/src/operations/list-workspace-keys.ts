import type { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { check, page, rowId } from '../domain/fields.js';
import { effectiveTier } from '../domain/tiers.js';
import { KeyRegister } from '../storage/key-register.js';
import { WorkspaceStore } from '../storage/workspace-store.js';

type Operation = typeof identity.listWorkspaceKeys;

const FIELDS = { workspaceId: rowId, ...page };

/** A workspace's keys that are not revoked, page by page; never a secret. */
@Injectable()
export class ListWorkspaceKeys {
  constructor(
    private readonly workspaces: WorkspaceStore,
    private readonly keys: KeyRegister,
  ) {}

  async execute({ message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const asked = check(FIELDS, message);
    const workspace = await this.workspaces.findLive(asked.workspaceId);
    if (!workspace) throw new ProblemError('not_found', `There is no workspace ${asked.workspaceId}.`);
    const { rows, hasMore } = await this.keys.list(workspace.id, asked);
    const keys = rows.map((key) => ({
      ...key,
      tier: key.tier ?? '',
      effectiveTier: effectiveTier(key.tier, workspace.tier),
    }));
    return { keys, hasMore };
  }
}
