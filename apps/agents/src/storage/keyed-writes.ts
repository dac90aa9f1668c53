import { type AnswerSeal, KeyedWrites as KeyedWritesOver } from '@magistry/idempotency';
import { workspaceOf } from '@magistry/request-context';
import type { Clock } from '../domain/clock.js';
import type { Database, Transaction } from './database.js';

/** Writes of this service, each in one transaction of its workspace with the answer to its key. */
export class KeyedWrites extends KeyedWritesOver<Transaction> {
  constructor(database: Database, seal: AnswerSeal, clock: Clock) {
    super(
      (context, lockWaitMs, work) => database.transactionIn(workspaceOf(context).id, work, lockWaitMs),
      seal,
      clock.now,
    );
  }
}
