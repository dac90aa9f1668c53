import { decisions } from '@magistry/contracts';
import type { Command } from 'commander';
import { withExamples } from '../output/help.js';
import { killSwitchReport } from '../output/kill-switch.js';
import type { Session } from '../session.js';

interface Options {
  readonly workspace: string;
  readonly reason: string;
}

export function killswitchEngage(parent: Command, session: Session): void {
  const command = parent
    .command('engage')
    .summary('stop every live action')
    .description(
      'Stops every live action of a workspace, and asks nothing first. Once it answers, no later row of the ' +
        'ledger is APPLIED; dry runs and reversals go on.',
    )
    .requiredOption('--workspace <workspace>', 'id or slug')
    .requiredOption('--reason <reason>', 'why; kept in the ledger')
    .action(
      session.does(async (platform, options: Options) => {
        const workspace = await platform.workspace(options.workspace);
        const body = { engaged: true, reason: options.reason };
        const answer = await platform.forward(decisions.setKillSwitch, workspace, { body });
        return killSwitchReport(workspace.slug, answer);
      }),
    );
  withExamples(command, 'magistry killswitch engage --workspace linen-house --reason "stock count"');
}
