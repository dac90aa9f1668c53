import type { agents } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { checkedRunId, runNotFound } from '../domain/run-id.js';
import { Cancellation } from '../runner/cancellation.js';
import { RunStore } from '../storage/run-store.js';

/** POST /api/v1/runs/:run_id/cancel: with everything below it; an ended run stays as it ended. */
@Injectable()
export class CancelRun {
  constructor(
    private readonly runs: RunStore,
    private readonly cancellation: Cancellation,
  ) {}

  async execute({ context, params }: PublicRequest<typeof agents.cancelRun>): Promise<Answer> {
    const id = checkedRunId(params.run_id);
    const run = await this.runs.find(workspaceOf(context).id, id);
    if (!run || run.kind === 'message') throw runNotFound();
    const status = await this.cancellation.cancel(run.workspaceId, id);
    return jsonAnswer({ run_id: id, status }, 202);
  }
}
