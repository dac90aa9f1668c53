import type { webhooks } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { jobNotFound, renderJob } from '../domain/job.js';
import { JobRecords } from '../storage/job-records.js';

type Operation = typeof webhooks.getJob;

/** GET /v1/jobs/:job */
@Injectable()
export class GetJob {
  constructor(private readonly jobs: JobRecords) {}

  async execute({ context, params }: PublicRequest<Operation>): Promise<Answer> {
    const job = await this.jobs.find(workspaceOf(context).id, params.job);
    if (!job) throw jobNotFound();
    return jsonAnswer(renderJob(job));
  }
}
