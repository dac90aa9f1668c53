import { WorkspaceDatabase } from '@magistry/persistence';
import type { OnModuleDestroy } from '@nestjs/common';

export type { Queryable, Transaction } from '@magistry/persistence';

/** What looks across workspaces is fan-out, the worker, jobs and housekeeping. */
export class Database extends WorkspaceDatabase implements OnModuleDestroy {
  constructor(databaseUrl: string, onFault: (error: Error) => void) {
    super(databaseUrl, 'magistry_webhooks_across', onFault);
  }

  onModuleDestroy(): Promise<void> {
    return this.close();
  }
}
