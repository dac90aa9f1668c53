import { AnswerSeal, KeyedWrites as KeyedWritesOver } from '@magistry/idempotency';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { reachOf } from '../domain/principal.js';
import { Database, type Transaction } from './database.js';

/** Writes of this service, each in one transaction of its workspace and principal with the answer to its key. */
@Injectable()
export class KeyedWrites extends KeyedWritesOver<Transaction> {
  constructor(database: Database, seal: AnswerSeal, clock: Clock) {
    super(
      (context, lockWaitMs, work) => database.transactionIn(reachOf(context), lockWaitMs, work),
      seal,
      clock.now,
    );
  }
}
