import { WorkspaceDatabase } from '@magistry/persistence';

/** What the writer, the relay, timers, verification and housekeeping take to look across workspaces. */
export const ACROSS_ROLE = 'magistry_decisions_across';

/** Its login only reads; a shard's writer has a connection of its own, to `url`. */
export class LedgerDatabase extends WorkspaceDatabase {
  constructor(
    readonly url: string,
    onFault: (error: Error) => void,
  ) {
    super(url, ACROSS_ROLE, onFault);
  }
}
