import { identity } from '@magistry/contracts';
import type { Command } from 'commander';
import { withExamples } from '../output/help.js';
import { properties } from '../output/table.js';
import { present } from '../platform.js';
import type { Session } from '../session.js';

interface Options {
  readonly name: string;
  readonly slug?: string;
  readonly tier?: string;
}

export function workspaceCreate(parent: Command, session: Session): void {
  const command = parent
    .command('create')
    .summary('make a workspace')
    .description('Makes a workspace. Its kill switch is engaged until somebody releases it.')
    .requiredOption('--name <name>', 'what people call it')
    .option('--slug <slug>', "the API's tenant; made from the name when left out")
    .option('--tier <tier>', 'free, starter, pro, agency, business or enterprise; free when left out')
    .action(
      session.does(async (platform, { name, slug, tier }: Options) => {
        const answer = await platform.call(identity.createWorkspace, { name, slug, tier });
        const workspace = present(answer.workspace);
        const { id, slug: given, tier: granted } = workspace;
        const json = { id, slug: given, tier: granted };
        const text = [
          properties({ Workspace: given, Id: String(id), Tier: granted }),
          '',
          `Next: magistry key create --workspace ${given} --name "first key"`,
          `      magistry killswitch release --workspace ${given} --reason "…"`,
        ];
        return { json, text: text.join('\n') };
      }),
    );
  withExamples(
    command,
    'magistry workspace create --name "Linen House" --tier pro',
    'magistry workspace create --name "Linen House" --slug linen --json',
  );
}
