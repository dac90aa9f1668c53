import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { DecisionRow } from '@magistry/contracts';
import pg from 'pg';
import { eventually } from './eventually.fixture.js';
import type { GatewayClient } from './gateway.fixture.js';
import type { RunningSystem } from './system.fixture.js';

const run = promisify(execFile);

/** Every row that fits `filter` (a query), page by page as a daily sync would read them. */
export async function readLedger(client: GatewayClient, filter = ''): Promise<DecisionRow[]> {
  const rows: DecisionRow[] = [];
  let cursor = '';
  while (true) {
    const { status, json, text } = await client.get(`/v1/decisions?limit=1000${filter}${cursor}`);
    if (status !== 200) throw new Error(`the ledger cannot be read: ${text}`);
    rows.push(...json.data);
    if (!json.has_more) return rows;
    cursor = `&cursor=${json.next_cursor}`;
  }
}

/** What `npm run verify-ledger` says of every chain in the database; rejects when one is broken. */
export async function verifyLedger(system: RunningSystem): Promise<string> {
  const env = { ...process.env, DATABASE_URL: system.databaseUrl };
  const { stdout } = await run(process.execPath, ['apps/decisions/dist/verify-ledger.js'], { env });
  return stdout.trim();
}

/** The relays have published all that was committed: within 10 s, also after servers have died. */
export async function expectEventsPublished(system: RunningSystem): Promise<void> {
  const owner = new pg.Client({ connectionString: system.databaseUrl });
  await owner.connect();
  try {
    await eventually(10_000, async () => {
      const { rows } = await owner.query(UNPUBLISHED_SQL);
      expect(rows).toEqual([]);
    });
  } finally {
    await owner.end();
  }
}

const UNPUBLISHED_SQL = `
  SELECT shard, written.position AS written, published.position AS published
  FROM decisions.ledger_shard AS written JOIN decisions.outbox_relay AS published USING (shard)
  WHERE written.position <> published.position`;

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
