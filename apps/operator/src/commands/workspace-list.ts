import { identity } from '@magistry/contracts';
import type { Command } from 'commander';
import { everyPage } from '../output/every-page.js';
import { withExamples } from '../output/help.js';
import { workspaceRecord } from '../output/records.js';
import { table } from '../output/table.js';
import type { Session } from '../session.js';

export function workspaceList(parent: Command, session: Session): void {
  const command = parent
    .command('list')
    .summary('list every workspace')
    .description('Lists every workspace that is not deleted, oldest first.')
    .action(
      session.does(async (platform) => {
        const workspaces = await everyPage(async (afterId) => {
          const page = await platform.call(identity.listWorkspaces, { afterId });
          return { rows: page.workspaces, hasMore: page.hasMore };
        });
        const json = workspaces.map(workspaceRecord);
        const rows = json.map(({ id, slug, tier, created_at, name }) => [
          String(id),
          slug,
          tier,
          created_at,
          name,
        ]);
        const text =
          rows.length > 0
            ? table(['ID', 'WORKSPACE', 'TIER', 'CREATED', 'NAME'], rows)
            : 'There is no workspace yet. Make one: magistry workspace create --name <name>';
        return { json, text };
      }),
    );
  withExamples(command, 'magistry workspace list', 'magistry workspace list --json');
}
