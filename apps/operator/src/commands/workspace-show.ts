import { decisions, planner } from '@magistry/contracts';
import type { Command } from 'commander';
import { withExamples } from '../output/help.js';
import { workspaceRecord } from '../output/records.js';
import { properties } from '../output/table.js';
import type { Session } from '../session.js';

export function workspaceShow(parent: Command, session: Session): void {
  const command = parent
    .command('show')
    .summary('show a workspace')
    .description('Shows a workspace with its kill switch and the version of its policy.')
    .argument('<workspace>', 'its id or slug')
    .action(
      session.does(async (platform, selector: string) => {
        const workspace = await platform.workspace(selector);
        const [killSwitch, policy] = await Promise.all([
          platform.forward(decisions.getKillSwitch, workspace) as Promise<{ engaged: boolean }>,
          platform.forward(planner.getPolicy, workspace) as Promise<{ version: number }>,
        ]);
        const record = workspaceRecord(workspace);
        const text = properties({
          Workspace: record.slug,
          Id: String(record.id),
          Name: record.name,
          Tier: record.tier_changed_by ? `${record.tier}, set by ${record.tier_changed_by}` : record.tier,
          Created: record.created_at,
          'Kill switch': killSwitch.engaged ? 'engaged: live proposals are rejected' : 'released',
          Policy: `version ${policy.version}`,
        });
        const json = { ...record, kill_switch_engaged: killSwitch.engaged, policy_version: policy.version };
        return { json, text };
      }),
    );
  withExamples(command, 'magistry workspace show linen-house', 'magistry workspace show 12 --json');
}
