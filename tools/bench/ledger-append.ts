import { checkpoint, makeAppendDatabase } from './append-database.ts';
import { LedgerAppend } from './append-ledger.ts';
import { LockPerRow, SingleRow } from './append-yardsticks.ts';
import { type Bench, withInfrastructure } from './bench.ts';
import { takeTurns } from './rounds.ts';
import { Submissions } from './submissions.ts';

const CALLERS = 32;

/** P3: one hot workspace, fsync on, full rows on every side. */
export const ledgerAppend: Bench = {
  id: 'P3',
  measure: (options) =>
    withInfrastructure({ services: false, ...options }, async (stack) => {
      const database = await makeAppendDatabase(stack.databaseAdminUrl);
      const submissionsOf = (name: string) => new Submissions(`${options.seed}-${name}`);
      const ledger = new LedgerAppend(database, submissionsOf('ledger'), CALLERS);
      const locked = LockPerRow.in(database, submissionsOf('locked'), CALLERS);
      const single = SingleRow.in(database, submissionsOf('single'), CALLERS);
      try {
        await ledger.start();
        const settle = () => checkpoint(database.adminUrl);
        const contenders = [ledger, locked, single] as const;
        const [ours, perRow, each] = await takeTurns(contenders, { ...options, settle });
        const what = `ledger append, one workspace, ${CALLERS} callers`;
        return [
          { id: 'P3', what, ours, yardstick: perRow, promised: 8 },
          { id: 'P3', what, ours, yardstick: each, promised: 1 },
        ];
      } finally {
        await Promise.all([ledger.stop(), locked.stop(), single.stop()]);
      }
    }),
};
