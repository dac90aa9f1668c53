import type { WorkspaceReads } from './workspace-reads.js';

/** The last row's number and the start of its chain; empty while there is no row. */
export type LedgerEnd = string;

interface LastRow {
  readonly decision_id: string;
  readonly chain_start: Buffer;
}

/** Nothing that is read of a ledger changes while its end does not: what becomes known of a row is a row itself. */
export function ledgerEndOf(last: LastRow | undefined): LedgerEnd {
  return last ? `${last.decision_id}:${last.chain_start.toString('hex')}` : '';
}

/** Where ledgers end now. Readers of one ledger who ask while a read is under way share the next one. */
export class LedgerEnds {
  private readonly underWay = new Map<number, Promise<LedgerEnd>>();
  private readonly next = new Map<number, Promise<LedgerEnd>>();

  constructor(private readonly reads: WorkspaceReads) {}

  /** Read after the call: it knows of every row that was answered before, whichever process wrote it. */
  now(workspaceId: number): Promise<LedgerEnd> {
    const joined = this.next.get(workspaceId);
    if (joined) return joined;
    const reading = this.readNext(workspaceId);
    this.next.set(workspaceId, reading);
    return reading;
  }

  private async readNext(workspaceId: number): Promise<LedgerEnd> {
    await (this.underWay.get(workspaceId) ?? new Promise(setImmediate)).catch(() => undefined);
    this.next.delete(workspaceId);
    const reading = this.read(workspaceId);
    this.underWay.set(workspaceId, reading);
    try {
      return await reading;
    } finally {
      if (this.underWay.get(workspaceId) === reading) this.underWay.delete(workspaceId);
    }
  }

  private async read(workspaceId: number): Promise<LedgerEnd> {
    const [last] = await this.reads.query<LastRow>(workspaceId, {
      name: 'ledger-end',
      text: `SELECT decision_id, substring(chain FROM 1 FOR 8) AS chain_start FROM decision_log
              WHERE workspace_id = $1 ORDER BY decision_id DESC LIMIT 1`,
      values: [workspaceId],
    });
    return ledgerEndOf(last);
  }
}
