import { agents } from '@magistry/contracts';
import { type CallRequest, Handles, type PublicRequest } from '@magistry/messaging';
import { Controller } from '@nestjs/common';
import { CancelRun } from './operations/cancel-run.js';
import { GetRun } from './operations/get-run.js';
import { GetRunLogs } from './operations/get-run-logs.js';
import { ListRuns } from './operations/list-runs.js';
import { ReadEvents } from './operations/read-events.js';
import { RunAgent } from './operations/run-agent.js';

/** Every subject of runs and their logs. */
@Controller()
export class AgentsController {
  constructor(
    private readonly runAgentOperation: RunAgent,
    private readonly listRunsOperation: ListRuns,
    private readonly getRunOperation: GetRun,
    private readonly getRunLogsOperation: GetRunLogs,
    private readonly cancelRunOperation: CancelRun,
    private readonly readEventsOperation: ReadEvents,
  ) {}

  @Handles(agents.runAgent)
  runAgent(request: PublicRequest<typeof agents.runAgent>) {
    return this.runAgentOperation.execute(request);
  }

  @Handles(agents.listRuns)
  listRuns(request: PublicRequest<typeof agents.listRuns>) {
    return this.listRunsOperation.execute(request);
  }

  @Handles(agents.getRun)
  getRun(request: PublicRequest<typeof agents.getRun>) {
    return this.getRunOperation.execute(request);
  }

  @Handles(agents.getRunLogs)
  getRunLogs(request: PublicRequest<typeof agents.getRunLogs>) {
    return this.getRunLogsOperation.execute(request);
  }

  @Handles(agents.cancelRun)
  cancelRun(request: PublicRequest<typeof agents.cancelRun>) {
    return this.cancelRunOperation.execute(request);
  }

  @Handles(agents.readEvents)
  readEvents(request: CallRequest<typeof agents.readEvents>) {
    return this.readEventsOperation.execute(request);
  }
}
