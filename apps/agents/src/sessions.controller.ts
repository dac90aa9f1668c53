import { agents } from '@magistry/contracts';
import { Handles, type PublicRequest } from '@magistry/messaging';
import { Controller } from '@nestjs/common';
import { DeleteSession } from './operations/delete-session.js';
import { GetSession } from './operations/get-session.js';
import { ListSessions } from './operations/list-sessions.js';

/** Every subject of sessions. */
@Controller()
export class SessionsController {
  constructor(
    private readonly listSessionsOperation: ListSessions,
    private readonly getSessionOperation: GetSession,
    private readonly deleteSessionOperation: DeleteSession,
  ) {}

  @Handles(agents.listSessions)
  listSessions(request: PublicRequest<typeof agents.listSessions>) {
    return this.listSessionsOperation.execute(request);
  }

  @Handles(agents.getSession)
  getSession(request: PublicRequest<typeof agents.getSession>) {
    return this.getSessionOperation.execute(request);
  }

  @Handles(agents.deleteSession)
  deleteSession(request: PublicRequest<typeof agents.deleteSession>) {
    return this.deleteSessionOperation.execute(request);
  }
}
