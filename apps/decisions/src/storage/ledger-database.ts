import { createPool, databaseFault, type Pool } from '@magistry/persistence';
import { WorkspaceReads } from './workspace-reads.js';

/** What the writer, the relay, timers, verification and housekeeping take to look across workspaces. */
export const ACROSS_ROLE = 'magistry_decisions_across';

/** The service's two ways into its database (docs/adr/0015): one workspace at a time, and across them. */
export class LedgerDatabase {
  readonly reads: WorkspaceReads;
  readonly across: Pool;
  readonly narrow: Pool;

  constructor(
    readonly url: string,
    onFault: (error: Error) => void,
  ) {
    this.narrow = createPool(url, onFault);
    this.across = createPool(url, onFault, ACROSS_ROLE);
    this.reads = new WorkspaceReads(this.narrow);
  }

  /** What is wrong with the database, or undefined. */
  fault(): Promise<string | undefined> {
    return databaseFault(this.narrow);
  }

  async close(): Promise<void> {
    await Promise.all([this.narrow.end(), this.across.end()]);
  }
}
