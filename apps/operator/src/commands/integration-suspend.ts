import { agents } from '@magistry/contracts';
import type { Command } from 'commander';
import { wholeNumber } from '../arguments.js';
import { confirm } from '../confirm.js';
import { withExamples } from '../output/help.js';
import { integrationRecord } from '../output/records.js';
import { present } from '../platform.js';
import type { Session } from '../session.js';

interface Options {
  readonly workspace: string;
  readonly reason: string;
  readonly yes?: boolean;
}

export function integrationSuspend(parent: Command, session: Session): void {
  const command = parent
    .command('suspend')
    .summary("refuse an integration's keys")
    .description(
      'Suspends an integration with an agent: from the next request on its keys are refused, whatever its ' +
        'workspace sets it to, until it is resumed. What it has asked is answered.',
    )
    .argument('<id>', 'as "magistry integration list" shows it', wholeNumber(1))
    .requiredOption('--workspace <workspace>', 'id or slug')
    .requiredOption('--reason <reason>', 'why; its workspace reads it in the audit log')
    .option('-y, --yes', 'do not ask')
    .action(
      session.does(async (platform, id: number, { workspace: selector, reason, yes }: Options) => {
        const { id: workspaceId, slug } = await platform.workspace(selector);
        await confirm(`Refuse every key of integration ${id} of ${slug}?`, { yes });
        const wish = { workspaceId, id, reason };
        const { integration } = await platform.call(agents.setIntegrationSuspension, wish);
        const json = integrationRecord(present(integration));
        const text = [
          `Integration ${json.id} (${json.name}) of ${slug} is suspended: ${json.suspension_reason}`,
          `To take it back: magistry integration resume ${json.id} --workspace ${slug}`,
        ];
        return { json, text: text.join('\n') };
      }),
    );
  withExamples(command, 'magistry integration suspend 7 --workspace linen-house --reason "its key leaked"');
}
