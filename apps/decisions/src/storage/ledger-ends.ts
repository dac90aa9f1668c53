import { setTimeout as pause } from 'node:timers/promises';
import type { LedgerDatabase } from './ledger-database.js';

/** The last row's number and the start of its chain; empty while there is no row. */
export type LedgerEnd = string;

interface LastRow {
  readonly decision_id: string;
  readonly chain_start: Buffer;
}

/** A read that hangs, on a connection that was cut silently, holds up the next one no longer. */
const WAIT_MS_MAX = 100;

/** Nothing that is read of a ledger changes while its end does not: what becomes known of a row is a row itself. */
export function ledgerEndOf(last: LastRow | undefined): LedgerEnd {
  return last ? `${last.decision_id}:${last.chain_start.toString('hex')}` : '';
}

/** Where ledgers end now. Those who ask while a read of the ledger is under way share the next one. */
export class LedgerEnds {
  private readonly underWay = new Map<number, Promise<LedgerEnd>>();
  private readonly next = new Map<number, Promise<LedgerEnd>>();

  constructor(private readonly database: LedgerDatabase) {}

  /** Read after the call: it knows of every row that was answered before, whichever process wrote it. */
  now(workspaceId: number): Promise<LedgerEnd> {
    const joined = this.next.get(workspaceId);
    if (joined) return joined;
    const reading = this.readNext(workspaceId);
    this.next.set(workspaceId, reading);
    return reading;
  }

  private async readNext(workspaceId: number): Promise<LedgerEnd> {
    await this.turn(workspaceId);
    this.next.delete(workspaceId);
    const reading = this.read(workspaceId);
    this.underWay.set(workspaceId, reading);
    try {
      return await reading;
    } finally {
      if (this.underWay.get(workspaceId) === reading) this.underWay.delete(workspaceId);
    }
  }

  /** When the next read may begin: behind the one under way, else in the next turn of the event loop. */
  private async turn(workspaceId: number): Promise<void> {
    const before = this.underWay.get(workspaceId);
    if (!before) return new Promise(setImmediate);
    const waited = pause(WAIT_MS_MAX, undefined, { ref: false });
    await Promise.race([before, waited]).catch(() => undefined);
  }

  private async read(workspaceId: number): Promise<LedgerEnd> {
    const [last] = await this.database.query<LastRow>(workspaceId, {
      name: 'ledger-end',
      text: `SELECT decision_id, substring(chain FROM 1 FOR 8) AS chain_start FROM decision_log
              WHERE workspace_id = $1 ORDER BY decision_id DESC LIMIT 1`,
      values: [workspaceId],
    });
    return ledgerEndOf(last);
  }
}
