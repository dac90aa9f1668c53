import { identity } from '@magistry/contracts';
import { pickFields, renderPage } from '@magistry/lists';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { reachOf } from '../domain/principal.js';
import { PublicAddress } from '../domain/public-address.js';
import { LISTED_FIELDS, renderWorkspace } from '../domain/render-workspace.js';
import { WorkspaceRecords } from '../storage/workspace-records.js';

type Operation = typeof identity.listReachableWorkspaces;

/** GET /api/v1/workspaces: the one that the caller acts in, and those that it made. */
@Injectable()
export class ListReachableWorkspaces {
  constructor(
    private readonly workspaces: WorkspaceRecords,
    private readonly address: PublicAddress,
  ) {}

  async execute({ context, query }: PublicRequest<Operation>): Promise<Answer> {
    const { rows, total } = await this.workspaces.list(reachOf(context), query);
    const fields = query.fields ?? LISTED_FIELDS;
    const data = rows.map((row) => pickFields(renderWorkspace(row), fields));
    return jsonAnswer(renderPage(data, total, query, this.address.of(identity.listReachableWorkspaces)));
  }
}
