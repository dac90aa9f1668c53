import { identity } from '@magistry/contracts';
import type { Command } from 'commander';
import { everyPage } from '../output/every-page.js';
import { withExamples } from '../output/help.js';
import { keyRecord } from '../output/records.js';
import { table } from '../output/table.js';
import type { Session } from '../session.js';

const HEADINGS = ['ID', 'NAME', 'KEY', 'SERVED AT', 'LIMIT/MIN', 'CREATED', 'EXPIRES', 'SCOPES'];

export function keyList(parent: Command, session: Session): void {
  const command = parent
    .command('list')
    .summary("list a workspace's keys")
    .description("Lists a workspace's keys that are not revoked, oldest first; never their secrets.")
    .requiredOption('--workspace <workspace>', 'id or slug')
    .action(
      session.does(async (platform, options: { workspace: string }) => {
        const { id: workspaceId, slug } = await platform.workspace(options.workspace);
        const keys = await everyPage(async (afterId) => {
          const page = await platform.call(identity.listWorkspaceKeys, { workspaceId, afterId });
          return { rows: page.keys, hasMore: page.hasMore };
        });
        const json = keys.map(keyRecord);
        const rows = json.map((key) => [
          ...[String(key.id), key.name, key.key, servedAt(key), key.limit_per_minute],
          ...[key.created_at, key.expires_at, key.scopes.join(' ')],
        ]);
        const none = `${slug} has no key. Make one: magistry key create --workspace ${slug} --name <name>`;
        return { json, text: rows.length > 0 ? table(HEADINGS, rows) : none };
      }),
    );
  withExamples(command, 'magistry key list --workspace linen-house');
}

function servedAt({ tier, effective_tier }: { tier: string | null; effective_tier: string }): string {
  return tier === null || tier === effective_tier ? effective_tier : `${effective_tier} (made ${tier})`;
}
