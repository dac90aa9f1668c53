import type { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { parseSelector } from '../domain/principal.js';
import { WorkspaceRegister } from '../storage/workspace-register.js';

type Operation = typeof identity.findWorkspace;

/** The workspace that an operator means, by id or slug. */
@Injectable()
export class FindWorkspace {
  constructor(private readonly workspaces: WorkspaceRegister) {}

  async execute({ message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const selector = parseSelector(message.selector);
    const workspace = selector && (await this.workspaces.find(selector));
    if (!workspace) throw new ProblemError('not_found', 'There is no workspace with this id or slug.');
    return { workspace };
  }
}
