import { decisions } from '@magistry/contracts';
import type { Command } from 'commander';
import { withExamples } from '../output/help.js';
import { killSwitchReport } from '../output/kill-switch.js';
import type { Session } from '../session.js';

export function killswitchShow(parent: Command, session: Session): void {
  const command = parent
    .command('show')
    .summary('how a workspace stands')
    .description("Shows a workspace's kill switch: since when, by whom and why.")
    .requiredOption('--workspace <workspace>', 'id or slug')
    .action(
      session.does(async (platform, options: { workspace: string }) => {
        const workspace = await platform.workspace(options.workspace);
        return killSwitchReport(workspace.slug, await platform.forward(decisions.getKillSwitch, workspace));
      }),
    );
  withExamples(command, 'magistry killswitch show --workspace linen-house');
}
