import { identity } from '@magistry/contracts';
import type { Command } from 'commander';
import { confirm } from '../confirm.js';
import { withExamples } from '../output/help.js';
import { partnerRecord } from '../output/records.js';
import { present } from '../platform.js';
import type { Session } from '../session.js';

interface Options {
  readonly reason: string;
  readonly yes?: boolean;
}

export function partnerSuspend(parent: Command, session: Session): void {
  const command = parent
    .command('suspend')
    .summary("refuse a partner's keys everywhere")
    .description(
      'Suspends a partner: every key of it is refused in every workspace within 5 seconds, until it is approved ' +
        'again. What it did stays in the ledgers.',
    )
    .argument('<partner>', 'its slug')
    .requiredOption('--reason <reason>', 'why; kept with the partner')
    .option('-y, --yes', 'do not ask')
    .action(
      session.does(async (platform, slug: string, { reason, yes }: Options) => {
        await confirm(`Refuse every key of ${slug} in every workspace?`, { yes });
        const wish = { slug, status: 'suspended', reason };
        const { partner } = await platform.call(identity.setPartnerStatus, wish);
        const json = partnerRecord(present(partner));
        const { status_changed_at: since, status_changed_by: by } = json;
        const text = [
          `${json.slug} is suspended since ${since} by ${by}: ${json.status_reason}`,
          `Its keys are refused within 5 seconds in ${json.installs} workspaces.`,
          `To take it back: magistry partner approve ${json.slug}`,
        ];
        return { json, text: text.join('\n') };
      }),
    );
  withExamples(command, 'magistry partner suspend research-tool --reason "floods the planner"');
}
