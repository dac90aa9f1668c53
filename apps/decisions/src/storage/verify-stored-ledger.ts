import pg from 'pg';
import { EscalationVerifier } from '../domain/verify-escalations.js';
import { type LedgerFault, LedgerVerifier } from '../domain/verify-ledger.js';
import { ACROSS_ROLE } from './ledger-database.js';
import { StoredLedger } from './stored-ledger.js';

export interface VerifiedWorkspace {
  readonly workspaceId: number;
  readonly rows: number;
  readonly fault: LedgerFault | null;
}

/**
 * Recomputes every workspace's chain, and what became of its escalations, in one snapshot, so that a running
 * system may be verified too.
 */
export async function* verifyStoredLedger(databaseUrl: string): AsyncGenerator<VerifiedWorkspace> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    // An owner who is bound by row security would find an empty ledger, and nothing wrong with it.
    await client.query(`SET ROLE ${ACROSS_ROLE}; SET search_path = decisions`);
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const ledger = new StoredLedger({ query: async (query) => (await client.query(query)).rows });
    for (const workspaceId of await ledger.workspaces()) yield await verifyWorkspace(ledger, workspaceId);
  } finally {
    await client.end();
  }
}

async function verifyWorkspace(ledger: StoredLedger, workspaceId: number): Promise<VerifiedWorkspace> {
  const verifier = new LedgerVerifier(workspaceId);
  const escalations = new EscalationVerifier(workspaceId);
  let rows = 0;
  for await (const stored of ledger.rows(workspaceId)) {
    const fault = verifier.next(stored);
    if (fault) return { workspaceId, rows, fault };
    escalations.next(stored.row);
    rows += 1;
  }
  const fault =
    verifier.finish(await ledger.head(workspaceId)) ??
    escalations.finish(await ledger.escalations(workspaceId));
  return { workspaceId, rows, fault };
}
