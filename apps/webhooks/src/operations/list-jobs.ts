import type { webhooks } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { cursorPage, decodeCursor } from '../domain/cursor.js';
import { renderJob } from '../domain/job.js';
import { JobRecords } from '../storage/job-records.js';

type Operation = typeof webhooks.listJobs;

const JOB_ID = /^job_[0-9A-Z]{26}$/;

/** GET /v1/jobs, newest first. */
@Injectable()
export class ListJobs {
  constructor(private readonly jobs: JobRecords) {}

  async execute({ context, query }: PublicRequest<Operation>): Promise<Answer> {
    const beforeId = decodeCursor(query.cursor, JOB_ID);
    const read = await this.jobs.readBefore(workspaceOf(context).id, beforeId, query.limit + 1);
    const { rows, nextCursor, hasMore } = cursorPage(read, query.limit, ({ id }) => id);
    return jsonAnswer({ data: rows.map(renderJob), next_cursor: nextCursor, has_more: hasMore });
  }
}
