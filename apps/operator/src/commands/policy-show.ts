import { planner } from '@magistry/contracts';
import type { Command } from 'commander';
import { withExamples } from '../output/help.js';
import { properties } from '../output/table.js';
import type { Session } from '../session.js';

interface PolicyAnswer {
  readonly version: number;
  readonly policy: Readonly<Record<string, number | readonly string[]>>;
}

export function policyShow(parent: Command, session: Session): void {
  const command = parent
    .command('show')
    .summary("a workspace's thresholds and budgets")
    .description("Shows the policy that a workspace's proposals are judged by, defaults included.")
    .requiredOption('--workspace <workspace>', 'id or slug')
    .action(
      session.does(async (platform, options: { workspace: string }) => {
        const workspace = await platform.workspace(options.workspace);
        const answer = (await platform.forward(planner.getPolicy, workspace)) as PolicyAnswer;
        const values = Object.entries(answer.policy).map(([name, value]) => [name, shown(value)] as const);
        const text = properties({
          workspace: workspace.slug,
          version: String(answer.version),
          ...Object.fromEntries(values),
        });
        return { json: answer, text };
      }),
    );
  withExamples(command, 'magistry policy show --workspace linen-house');
}

function shown(value: number | readonly string[]): string {
  return typeof value === 'number' ? String(value) : value.join(', ');
}
