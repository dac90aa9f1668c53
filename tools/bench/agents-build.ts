/** What the benches of runs and messages take from the built agents service: the code that production runs. */
const dist = new URL('../../apps/agents/dist/', import.meta.url);

async function built<Module>(path: string): Promise<Module> {
  return (await import(new URL(path, dist).href)) as Module;
}

export const { CompatibleModel } = await built<
  typeof import('../../apps/agents/src/models/compatible-model.ts')
>('models/compatible-model.js');
export const { RuleModelServer } =
  await built<typeof import('../../apps/agents/src/models/rules/server.ts')>('models/rules/server.js');
export const { advanced, nextMove, progressOf } =
  await built<typeof import('../../apps/agents/src/domain/progress.ts')>('domain/progress.js');
export const { instructionsOf, requestOf, stepMessages } =
  await built<typeof import('../../apps/agents/src/domain/conversation.ts')>('domain/conversation.js');
export const { outputOf } =
  await built<typeof import('../../apps/agents/src/domain/output.ts')>('domain/output.js');
export const { salaryBand } =
  await built<typeof import('../../apps/agents/src/tools/salary-band.ts')>('tools/salary-band.js');
export const { ledgerTools } =
  await built<typeof import('../../apps/agents/src/tools/ledger-tools.ts')>('tools/ledger-tools.js');
export const { readAgentsFile } = await built<
  typeof import('../../apps/agents/src/registry/shipped-agents.ts')
>('registry/shipped-agents.js');

export type { LanguageModel } from '../../apps/agents/src/models/language-model.ts';
