import { agents, type EventPage, type RequestContext } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { Caller, LivePages } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import { LiveWindow } from './live-window.js';

const READ_DEADLINE_MS = 5_000;

type Workspace = NonNullable<RequestContext['workspace']>;

/** Event logs of the services, page by page and live. */
export class EventLogs {
  constructor(
    private readonly caller: Caller,
    private readonly livePages: LivePages,
    /** Aborted when the gateway leaves. */
    readonly end: AbortSignal,
  ) {}

  /** What comes behind `after`. Rejects with `service_unavailable` or `timeout` while the service is away. */
  async read(name: string, after: number, workspace: Workspace): Promise<EventPage> {
    const context = systemContext('gateway', { deadlineMs: READ_DEADLINE_MS, workspace });
    const { page } = await this.caller.call(agents.readEvents, { name, after }, context);
    if (!page) throw new ProblemError('server_error', 'A log answered without a page.');
    return page;
  }

  /** What is added from now on. To be closed. */
  watch(name: string): LiveWindow {
    return new LiveWindow((listener) => this.livePages.listen(name, listener), this.end);
  }
}
