import type { identity } from '@magistry/contracts';
import { pickFields } from '@magistry/lists';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { notFound, pathId, reachOf } from '../domain/principal.js';
import { renderWorkspace } from '../domain/render-workspace.js';
import { WorkspaceRecords } from '../storage/workspace-records.js';

type Operation = typeof identity.getWorkspace;

/** GET /api/v1/workspaces/:id */
@Injectable()
export class GetWorkspace {
  constructor(private readonly workspaces: WorkspaceRecords) {}

  async execute({ context, params, query }: PublicRequest<Operation>): Promise<Answer> {
    const workspace = await this.workspaces.find(reachOf(context), pathId(params.id));
    if (!workspace) throw notFound();
    return jsonAnswer({ data: pickFields(renderWorkspace(workspace), query.fields) });
  }
}
