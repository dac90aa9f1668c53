import { agents } from '@magistry/contracts';
import type { Command } from 'commander';
import { wholeNumber } from '../arguments.js';
import { withExamples } from '../output/help.js';
import { integrationRecord } from '../output/records.js';
import { present } from '../platform.js';
import type { Session } from '../session.js';

export function integrationResume(parent: Command, session: Session): void {
  const command = parent
    .command('resume')
    .summary('let a suspended integration work again')
    .description('Takes the suspension of an integration back; then it is what its workspace has set it to.')
    .argument('<id>', 'as "magistry integration list" shows it', wholeNumber(1))
    .requiredOption('--workspace <workspace>', 'id or slug')
    .action(
      session.does(async (platform, id: number, options: { workspace: string }) => {
        const { id: workspaceId, slug } = await platform.workspace(options.workspace);
        const wish = { workspaceId, id };
        const { integration } = await platform.call(agents.setIntegrationSuspension, wish);
        const json = integrationRecord(present(integration));
        return { json, text: `Integration ${json.id} (${json.name}) of ${slug} is ${json.status}.` };
      }),
    );
  withExamples(command, 'magistry integration resume 7 --workspace linen-house');
}
