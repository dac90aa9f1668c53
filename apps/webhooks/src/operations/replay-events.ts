import type { webhooks } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { principalOf, workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { ulid } from 'ulid';
import { Clock } from '../domain/clock.js';
import { normaliseEvents } from '../domain/events/event-names.js';
import { type ReplayRequest, renderJob } from '../domain/job.js';
import { endpointId, endpointNotFound } from '../domain/path-id.js';
import { styled } from '../domain/styled.js';
import { EndpointRecords } from '../storage/endpoint-records.js';
import { JobRecords } from '../storage/job-records.js';
import { KeyedWrites } from '../storage/keyed-writes.js';
import { ReplayStore } from '../storage/replay-store.js';

type Operation = typeof webhooks.replayEvents;

/** POST /api/v1/webhooks/:id/replay: a job, or with `dry_run` its size. What happens from now on is not part of it. */
@Injectable()
export class ReplayEvents {
  constructor(
    private readonly endpoints: EndpointRecords,
    private readonly replays: ReplayStore,
    private readonly jobs: JobRecords,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
  ) {}

  async execute({ context, route, params, body }: PublicRequest<Operation>): Promise<Answer> {
    const id = endpointId(params.id);
    const now = new Date(this.clock.now());
    const request: ReplayRequest = {
      types: body.types ? normaliseEvents(body.types) : null,
      statuses: body.statuses ?? null,
      since: body.since ?? null,
      // What was accepted in this very millisecond is of the past.
      until: body.until ?? new Date(now.getTime() + 1).toISOString(),
      ratePerS: body.rate_per_s,
    };
    const { id: workspaceId, slug: tenant } = workspaceOf(context);
    return this.writes.run(context, async (transaction) => {
      const endpoint = await this.endpoints.lock(transaction, workspaceId, id);
      if (!endpoint) throw endpointNotFound();
      const total = await this.replays.count(transaction, endpoint, request);
      if (body.dry_run) return jsonAnswer(styled(route, { job: null, dry_run: true, total }));
      const wanted = { id: `job_${ulid(now.getTime())}`, workspaceId, tenant, endpointId: id, request };
      const made = { total, createdBy: principalOf(context).id };
      const job = await this.jobs.insert(transaction, { ...wanted, createdAt: now }, made);
      const answer = jsonAnswer(styled(route, renderJob(job), 'Replay queued.'), 202);
      return { ...answer, headers: { Location: `/v1/jobs/${job.id}` } };
    });
  }
}
