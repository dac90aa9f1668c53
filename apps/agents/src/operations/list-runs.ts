import type { agents } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { summaryOf } from '../domain/views/render-run.js';
import { RunStore } from '../storage/run-store.js';

/** GET /api/v1/runs: what was asked for; sub-runs are named in the logs of these. */
@Injectable()
export class ListRuns {
  constructor(private readonly runs: RunStore) {}

  async execute({ context, query }: PublicRequest<typeof agents.listRuns>): Promise<Answer> {
    const found = await this.runs.list(workspaceOf(context).id, { kind: 'main', limit: query.limit });
    const data = found.map((run) => ({
      run_id: run.id,
      slug: run.definition.slug,
      summary: summaryOf(run),
    }));
    return jsonAnswer({ data });
  }
}
