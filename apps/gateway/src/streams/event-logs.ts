import { agents, type EventPage, type RequestContext } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { Caller, LivePages } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import { LiveLog } from './live-log.js';

const READ_DEADLINE_MS = 5_000;

type Workspace = NonNullable<RequestContext['workspace']>;

/** Event logs of the services, page by page and live. */
export class EventLogs {
  private readonly followed = new Map<string, LiveLog>();
  private readonly held = { bytes: 0 };

  constructor(
    private readonly caller: Caller,
    private readonly livePages: LivePages,
    /** Aborted when the gateway leaves. */
    private readonly end: AbortSignal,
  ) {}

  /** What comes behind `after`. Rejects with `service_unavailable` or `timeout` while the service is away. */
  async read(name: string, after: number, workspace: Workspace): Promise<EventPage> {
    const context = systemContext('gateway', { deadlineMs: READ_DEADLINE_MS, workspace });
    const { page } = await this.caller.call(agents.readEvents, { name, after }, context);
    if (!page) throw new ProblemError('server_error', 'A log answered without a page.');
    return page;
  }

  /** The log for one more follower, who has to leave it. A log's name is its workspace's alone. */
  enter(name: string, workspace: Workspace): LiveLog {
    const log = this.followed.get(name) ?? this.follow(name, workspace);
    return log.enter();
  }

  private follow(name: string, workspace: Workspace): LiveLog {
    const source = {
      read: (after: number) => this.read(name, after, workspace),
      listen: (listener: (page: EventPage) => void) => this.livePages.listen(name, listener),
      end: this.end,
    };
    const log = new LiveLog(source, this.held, () => this.followed.delete(name));
    this.followed.set(name, log);
    return log;
  }
}
