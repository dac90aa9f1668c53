/** What the ledger bench takes from the built decisions service: the code that production runs. */
const dist = new URL('../../apps/decisions/dist/', import.meta.url);

async function built<Module>(path: string): Promise<Module> {
  return (await import(new URL(path, dist).href)) as Module;
}

export const { ShardWriter } =
  await built<typeof import('../../apps/decisions/src/writer/shard-writer.ts')>('writer/shard-writer.js');
export const { ACROSS_ROLE } = await built<
  typeof import('../../apps/decisions/src/storage/ledger-database.ts')
>('storage/ledger-database.js');
export const { LedgerStore } =
  await built<typeof import('../../apps/decisions/src/storage/ledger-store.ts')>('storage/ledger-store.js');
export const { canonicalFactor, canonicalGate, canonicalJson, genesisOf, leafOf, linkOf } =
  await built<typeof import('../../apps/decisions/src/domain/canonical.ts')>('domain/canonical.js');
export const { proposalAnswer } =
  await built<typeof import('../../apps/decisions/src/domain/render-answer.ts')>('domain/render-answer.js');

export type { Command, Proposal } from '../../apps/decisions/src/domain/commands.ts';
export type { Decision } from '../../apps/decisions/src/domain/decision.ts';
