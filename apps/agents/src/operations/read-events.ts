import type { agents } from '@magistry/contracts';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { runIdIn } from '../domain/run.js';
import { runNotFound } from '../domain/run-id.js';
import { shownEvent } from '../domain/views/shown-event.js';
import { eventsRead } from '../runner/metrics.js';
import { RunStore } from '../storage/run-store.js';

type Operation = typeof agents.readEvents;

const EVENTS_MAX = 500;
const PAGE_BYTES_MAX = 1024 * 1024;

/** What the gateway reads for who follows a log: from the database, whichever process executes the run. */
@Injectable()
export class ReadEvents {
  constructor(private readonly runs: RunStore) {}

  async execute({ context, message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const workspaceId = workspaceOf(context).id;
    const id = runIdIn(workspaceId, message.name);
    const found = id && (await this.runs.events(workspaceId, id, message.after, EVENTS_MAX));
    if (!found) throw runNotFound();
    const { run } = found;
    const events: { id: number; data: Uint8Array }[] = [];
    let bytes = 0;
    for (const kept of found.events) {
      const data = shownEvent(run, kept);
      bytes += data.length;
      if (bytes > PAGE_BYTES_MAX && events.length > 0) break;
      events.push({ id: kept.eventId ?? 0, data });
    }
    eventsRead.inc(events.length);
    const last = events.at(-1)?.id ?? message.after;
    // Of an erased run there are none.
    const hasMore = events.length > 0 && last < run.eventId;
    return { page: { events, hasMore, isEnded: run.status !== 'running' && !hasMore } };
  }
}
