import { Injectable } from '@nestjs/common';
import { LOGIN_FAILURES_MAX, LOGIN_WINDOW_MS, tooManyFailures } from '../domain/people/login-limit.js';
import { AcrossWorkspaces } from './across-workspaces.js';
import type { Queryable } from './database.js';

/** An attempt that is counted as failed until it is taken back. */
export interface LoginAttempt {
  readonly ids: readonly string[];
  /** As a failure it would be the one from which on others are refused. */
  readonly isLast: boolean;
  /** Since when the fullest count of failures has gone on. */
  readonly oldestAt: Date;
}

// Attempts at one subject come one after the other; taken in one order, so that no two wait for each other.
const LOCK_SQL = `
  SELECT pg_advisory_xact_lock(lock) FROM (
    SELECT ('x' || left(encode(subject, 'hex'), 16))::bit(64)::int8 AS lock
    FROM unnest($1::bytea[]) AS subject ORDER BY lock
  ) locks`;

const COUNT_SQL = `
  SELECT count(*)::int4 AS failures, min(failed_at) AS "oldestAt"
  FROM login_failure WHERE subject = ANY ($1) AND failed_at > $2
  GROUP BY subject ORDER BY failures DESC LIMIT 1`;

const INSERT_SQL = `
  INSERT INTO login_failure (subject, failed_at) SELECT unnest($1::bytea[]), $2 RETURNING id`;

/**
 * Counts logins that fail, by account and by address. An attempt counts before it is made: of any number at once, no
 * more get as far as comparing a password than the limit lets.
 */
@Injectable()
export class LoginFailures {
  constructor(private readonly across: AcrossWorkspaces) {}

  /** Throws `rate_limit_exceeded` when one of the subjects has used up its failures. */
  begin(subjects: readonly Buffer[], now: Date): Promise<LoginAttempt> {
    return this.across.transaction(async (transaction) => {
      await transaction.query({ text: LOCK_SQL, values: [subjects] });
      const { failures, oldestAt } = await count(transaction, subjects, now);
      if (failures >= LOGIN_FAILURES_MAX) throw tooManyFailures(oldestAt, now);
      const rows = await transaction.query<{ id: string }>({ text: INSERT_SQL, values: [subjects, now] });
      const isLast = failures + 1 >= LOGIN_FAILURES_MAX;
      return { ids: rows.map(({ id }) => id), isLast, oldestAt };
    });
  }

  /** It did not fail. */
  async takeBack(transaction: Queryable, { ids }: LoginAttempt): Promise<void> {
    const query = { text: 'DELETE FROM login_failure WHERE id = ANY ($1::int8[])', values: [ids] };
    await transaction.query(query);
  }

  async removeExpired(now: Date): Promise<void> {
    const values = [windowStart(now)];
    await this.across.query({ text: 'DELETE FROM login_failure WHERE failed_at <= $1', values });
  }
}

async function count(transaction: Queryable, subjects: readonly Buffer[], now: Date) {
  type Count = { failures: number; oldestAt: Date };
  const query = { text: COUNT_SQL, values: [subjects, windowStart(now)] };
  const [fullest] = await transaction.query<Count>(query);
  return fullest ?? { failures: 0, oldestAt: now };
}

function windowStart(now: Date): Date {
  return new Date(now.getTime() - LOGIN_WINDOW_MS);
}
