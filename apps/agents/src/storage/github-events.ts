import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { AskedCommands } from '../domain/github/event.js';
import { Database, type Queryable } from './database.js';

/** A delivery that asks for something, and whose signature is good. */
export interface GithubDelivery {
  readonly deliveryId: string;
  readonly event: string;
  /** SHA-256 of the body's bytes. */
  readonly bodyHash: Buffer;
}

// A twin that is being committed is waited for.
const INSERT_SQL = `
  INSERT INTO github_event (delivery_id, body_hash, event, received_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT DO NOTHING RETURNING delivery_id`;

const INSERT_COMMAND_SQL = `
  INSERT INTO github_command (id, delivery_id, place, thread, sender, author, slug, payload, fault,
    next_attempt_at, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)`;

// Who redelivers an event on GitHub wants what could not be done then; what was done stays done.
const REOPEN_SQL = `
  UPDATE github_command SET state = 'open', ended_at = NULL, attempts = 0, next_attempt_at = $3
  WHERE state = 'given-up' AND delivery_id IN (
    SELECT delivery_id FROM github_event WHERE delivery_id = $1 AND body_hash = $2)`;

/** Takes deliveries in. */
@Injectable()
export class GithubEvents {
  constructor(private readonly database: Database) {}

  /** Committed once by delivery id and once by body: of copies the first counts. */
  receive(delivery: GithubDelivery, asked: AskedCommands, now: Date): Promise<void> {
    const { deliveryId, event, bodyHash } = delivery;
    return this.database.transactionAcross(async (transaction) => {
      const inserted = await transaction.query({
        text: INSERT_SQL,
        values: [deliveryId, bodyHash, event, now],
      });
      if (inserted.length > 0) return insertCommands(transaction, deliveryId, asked, now);
      await transaction.query({ text: REOPEN_SQL, values: [deliveryId, bodyHash, now] });
    });
  }
}

async function insertCommands(
  transaction: Queryable,
  deliveryId: string,
  asked: AskedCommands,
  now: Date,
): Promise<void> {
  const { thread, sender, author, commands } = asked;
  for (const [place, { slug, payload, fault }] of commands.entries()) {
    const from = [JSON.stringify(thread), sender, author];
    const values = [randomUUID(), deliveryId, place, ...from, slug, JSON.stringify(payload), fault, now];
    await transaction.query({ text: INSERT_COMMAND_SQL, values });
  }
}
