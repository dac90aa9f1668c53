import type { webhooks } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { jobNotFound, renderJob } from '../domain/job.js';
import { JobRecords } from '../storage/job-records.js';
import { KeyedWrites } from '../storage/keyed-writes.js';

type Operation = typeof webhooks.cancelJob;

/** DELETE /v1/jobs/:job: nothing more is done from then on. One that has ended stays as it is, and is shown. */
@Injectable()
export class CancelJob {
  constructor(
    private readonly jobs: JobRecords,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
  ) {}

  async execute({ context, params }: PublicRequest<Operation>): Promise<Answer> {
    const workspaceId = workspaceOf(context).id;
    return this.writes.run(context, async (transaction) => {
      const found = await this.jobs.findOn(transaction, workspaceId, params.job);
      if (!found) throw jobNotFound();
      const at = new Date(this.clock.now());
      const ended = await this.jobs.end(transaction, found.id, { status: 'cancelled', at });
      const now = ended ?? (await this.jobs.findOn(transaction, workspaceId, params.job)) ?? found;
      return jsonAnswer(renderJob(now));
    });
  }
}
