import type { agents } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { checkedRunId, runNotFound } from '../domain/run-id.js';
import { metricsOf, summaryOf } from '../domain/views/render-run.js';
import { RunStore } from '../storage/run-store.js';

/** GET /api/v1/runs/:run_id (seed 004): summary and metrics; of a run that goes on, as far as it is. */
@Injectable()
export class GetRun {
  constructor(
    private readonly runs: RunStore,
    private readonly clock: Clock,
  ) {}

  async execute({ context, params }: PublicRequest<typeof agents.getRun>): Promise<Answer> {
    const id = checkedRunId(params.run_id);
    const run = await this.runs.find(workspaceOf(context).id, id);
    if (!run || run.kind === 'message') throw runNotFound();
    const costs = await this.runs.costs(run);
    return jsonAnswer({
      run_id: id,
      slug: run.definition.slug,
      summary: summaryOf(run),
      metrics: metricsOf(run, costs, run.endedAt ?? this.clock.date()),
      has_logs: run.eventId > 0,
    });
  }
}
