import { agents } from '@magistry/contracts';
import type { Command } from 'commander';
import { withExamples } from '../output/help.js';
import { table } from '../output/table.js';
import type { Session } from '../session.js';

interface ListAnswer {
  readonly data: readonly {
    readonly id: number;
    readonly name: string;
    readonly agent: string;
    readonly status: string;
    readonly created_at: string;
  }[];
  readonly meta: { readonly last_page: number };
}

const HEADINGS = ['ID', 'NAME', 'AGENT', 'STATUS', 'CREATED'];

export function integrationList(parent: Command, session: Session): void {
  const command = parent
    .command('list')
    .summary("list a workspace's integrations")
    .description("Lists a workspace's integrations, oldest first; never their keys.")
    .requiredOption('--workspace <workspace>', 'id or slug')
    .action(
      session.does(async (platform, options: { workspace: string }) => {
        const workspace = await platform.workspace(options.workspace);
        const page = async (number: number) => {
          const query = `sort=id&per_page=100&page=${number}`;
          return (await platform.forward(agents.listIntegrations, workspace, { query })) as ListAnswer;
        };
        const first = await page(1);
        const json = [...first.data];
        for (let number = 2; number <= first.meta.last_page; number += 1)
          json.push(...(await page(number)).data);
        const rows = json.map(({ id, name, agent, status, created_at }) => [
          ...[String(id), name, agent, status, created_at],
        ]);
        const none = `${workspace.slug} has no integration.`;
        return { json, text: rows.length > 0 ? table(HEADINGS, rows) : none };
      }),
    );
  withExamples(command, 'magistry integration list --workspace linen-house');
}
