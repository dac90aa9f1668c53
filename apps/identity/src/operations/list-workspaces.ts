import type { identity } from '@magistry/contracts';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { check, page } from '../domain/fields.js';
import { WorkspaceRegister } from '../storage/workspace-register.js';

type Operation = typeof identity.listWorkspaces;

/** Every live workspace, page by page. */
@Injectable()
export class ListWorkspaces {
  constructor(private readonly workspaces: WorkspaceRegister) {}

  async execute({ message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const { rows, hasMore } = await this.workspaces.list(check(page, message));
    return { workspaces: rows, hasMore };
  }
}
