import { decisions } from '@magistry/contracts';
import type { Command } from 'commander';
import { confirm } from '../confirm.js';
import { withExamples } from '../output/help.js';
import { killSwitchReport } from '../output/kill-switch.js';
import type { Session } from '../session.js';

interface Options {
  readonly workspace: string;
  readonly reason: string;
  readonly yes?: boolean;
}

export function killswitchRelease(parent: Command, session: Session): void {
  const command = parent
    .command('release')
    .summary('let live actions happen again')
    .description(
      'Releases the kill switch of a workspace: from then on live proposals are decided and applied.',
    )
    .requiredOption('--workspace <workspace>', 'id or slug')
    .requiredOption('--reason <reason>', 'why; kept in the ledger')
    .option('-y, --yes', 'do not ask')
    .action(
      session.does(async (platform, { workspace: selector, reason, yes }: Options) => {
        const workspace = await platform.workspace(selector);
        await confirm(`Let live actions of ${workspace.slug} happen again?`, { yes });
        const body = { engaged: false, reason };
        const answer = await platform.forward(decisions.setKillSwitch, workspace, { body });
        return killSwitchReport(workspace.slug, answer);
      }),
    );
  withExamples(command, 'magistry killswitch release --workspace linen-house --reason "stock is counted"');
}
