import { identity } from '@magistry/contracts';
import type { Command } from 'commander';
import { withExamples } from '../output/help.js';
import { partnerRecord } from '../output/records.js';
import { present } from '../platform.js';
import type { Session } from '../session.js';

export function partnerApprove(parent: Command, session: Session): void {
  const command = parent
    .command('approve')
    .summary('admit a suspended partner again')
    .description('Admits a suspended partner again: its keys work where it is installed, within 5 seconds.')
    .argument('<partner>', 'its slug')
    .option('--reason <reason>', 'why; kept with the partner')
    .action(
      session.does(async (platform, slug: string, { reason }: { reason?: string }) => {
        const wish = { slug, status: 'approved', reason };
        const { partner } = await platform.call(identity.setPartnerStatus, wish);
        const json = partnerRecord(present(partner));
        const text = `${json.slug} is approved. Its keys work in ${json.installs} workspaces within 5 seconds.`;
        return { json, text };
      }),
    );
  withExamples(command, 'magistry partner approve research-tool --reason "mended in 2.1"');
}
