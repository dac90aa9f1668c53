import { logNameOf } from '../../domain/run.js';
import type { Transaction } from '../database.js';
import { appendAll } from './append-statement.js';
import type { Append, Appended } from './appends.js';
import { refusedByLimits } from './held-limits.js';
import { lockTrees } from './tree-locks.js';

/** Appends some of which reserve: what their trees, runs, workspaces and principals may spend is held meanwhile. */
export class Reservations {
  /** Workspaces that had a limit when their cost ledger was last entered here. */
  private readonly limited = new Set<number>();

  /** What became of each, in their order. Commits the transaction. */
  async append(transaction: Transaction, appends: readonly Append[], leaseMs: number): Promise<Appended[]> {
    const workspaces = new Set(appends.map(({ lease }) => lease.run.workspaceId));
    const mayBeLimited = appends.some(({ lease }) => this.limited.has(lease.run.workspaceId));
    if (!mayBeLimited) return this.appendUnlimited(transaction, appends, leaseMs, workspaces);
    const { trees, limited } = await lockTrees(transaction, appends, 'also-limited');
    this.keep(workspaces, limited);
    const isFree = ({ lease: { run }, addition }: Append) =>
      !addition.reserved || trees.has(logNameOf({ ...run, id: run.rootId }));
    const refused = await refusedByLimits(transaction, appends.filter(isFree), limited);
    const fitting = appends.filter((append) => !refused.has(append));
    const [appended] = await Promise.all([appendAll(transaction, fitting, leaseMs), transaction.commit()]);
    return appends.map((append): Appended => {
      const limit = refused.get(append);
      return limit ? { kind: 'over-limit', limit } : (appended.shift() ?? { kind: 'held' });
    });
  }

  /** In one round trip. Where one of them has a limit by now, all are `held`, and the next try looks at it. */
  private async appendUnlimited(
    transaction: Transaction,
    appends: readonly Append[],
    leaseMs: number,
    workspaces: ReadonlySet<number>,
  ): Promise<Appended[]> {
    const [{ limited }, appended] = await Promise.all([
      lockTrees(transaction, appends, 'unless-limited'),
      appendAll(transaction, appends, leaseMs),
      transaction.commit(),
    ]);
    this.keep(workspaces, limited);
    return appended;
  }

  private keep(workspaces: ReadonlySet<number>, limited: readonly number[]): void {
    for (const id of workspaces) this.limited.delete(id);
    for (const id of limited) this.limited.add(id);
  }
}
