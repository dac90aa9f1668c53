import { verifierConfig } from './config.js';
import { verifyStoredLedger } from './storage/verify-stored-ledger.js';

// npm run verify-ledger: exits 1 and names the first bad row and column of each workspace that has one.
const { DATABASE_URL } = verifierConfig();

let rows = 0;
let faults = 0;
for await (const verified of verifyStoredLedger(DATABASE_URL)) {
  rows += verified.rows;
  if (!verified.fault) continue;
  faults += 1;
  const { workspaceId, decisionId, column, explanation } = verified.fault;
  console.log(`✗ workspace ${workspaceId}, decision ${decisionId}, ${column}: ${explanation}`);
}
console.log(faults === 0 ? `✓ ${rows} rows verified` : `✗ ${faults} workspaces with a fault`);
process.exit(faults === 0 ? 0 : 1);
