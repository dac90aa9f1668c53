import { type agents, EventLog_Framing } from '@magistry/contracts';
import { type Answer, eventLogAnswer, NO_CONTENT, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { lastEventId } from '../domain/last-event-id.js';
import { logNameOf, type RunRecord } from '../domain/run.js';
import { checkedRunId, runNotFound } from '../domain/run-id.js';
import { RunStore } from '../storage/run-store.js';

/**
 * GET /api/v1/runs/:run_id/logs (seed 004): lines that are there, or a stream that follows. Who comes back with the
 * last id of an ended run gets 204, on which clients of server-sent events stop coming back.
 */
@Injectable()
export class GetRunLogs {
  constructor(private readonly runs: RunStore) {}

  async execute({
    context,
    params,
    query,
    headers,
  }: PublicRequest<typeof agents.getRunLogs>): Promise<Answer> {
    const id = checkedRunId(params.run_id);
    const run = await this.runs.find(workspaceOf(context).id, id);
    if (!run || run.kind === 'message') throw runNotFound();
    const name = logNameOf(run);
    const tailFrom = query.tail === undefined ? 0 : Math.max(0, run.eventId - query.tail);
    if (query.follow === 'false')
      return eventLogAnswer({ name, after: tailFrom, framing: EventLog_Framing.LINES });
    const seen = lastEventId(headers?.['last-event-id']);
    if (seen !== undefined && hasAll(run, seen)) return NO_CONTENT;
    return eventLogAnswer({ name, after: seen ?? tailFrom, framing: EventLog_Framing.EVENT_STREAM });
  }
}

function hasAll({ status, eventId }: RunRecord, seen: number): boolean {
  return status !== 'running' && seen >= eventId;
}
