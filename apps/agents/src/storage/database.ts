import { WorkspaceDatabase } from '@magistry/persistence';
import type { OnApplicationShutdown } from '@nestjs/common';

export type { Queryable, Transaction } from '@magistry/persistence';

/** What looks across workspaces executes runs, which it finds before it knows their workspace. */
export class Database extends WorkspaceDatabase implements OnApplicationShutdown {
  constructor(databaseUrl: string, onFault: (error: Error) => void) {
    super(databaseUrl, 'magistry_agents_across', onFault);
  }

  onApplicationShutdown(): Promise<void> {
    return this.close();
  }
}
