import { identity } from '@magistry/contracts';
import type { Command } from 'commander';
import { commaList, instantOf, wholeNumber } from '../arguments.js';
import { withExamples } from '../output/help.js';
import { isoTime } from '../output/records.js';
import type { Session } from '../session.js';

interface Options {
  readonly workspace: string;
  readonly name: string;
  readonly scopes?: string[];
  readonly tier?: string;
  readonly limitPerMinute?: number;
  readonly expires?: number;
}

export function keyCreate(parent: Command, session: Session): void {
  const command = parent
    .command('create')
    .summary('make a key, shown once')
    .description('Makes a key of a workspace. Its secret is printed once and kept nowhere.')
    .requiredOption('--workspace <workspace>', 'id or slug')
    .requiredOption('--name <name>', 'what it is for')
    .option('--scopes <scopes>', 'separated by commas; read,write when left out', commaList)
    .option('--tier <tier>', "no higher than its workspace's, which it follows when left out")
    .option('--limit-per-minute <requests>', 'instead of what its tier allows', wholeNumber(1))
    .option('--expires <time>', 'a day (UTC) or time in the future; never when left out', instantOf)
    .action(
      session.does(async (platform, options: Options) => {
        const workspace = await platform.workspace(options.workspace);
        const { name, scopes = [], tier, limitPerMinute, expires: expiresUnixMs } = options;
        const wish = { workspaceId: workspace.id, name, scopes, tier, limitPerMinute, expiresUnixMs };
        const { id, key } = await platform.call(identity.createApiKey, wish);
        const json = { id, key, workspace: workspace.slug, expires_at: isoTime(expiresUnixMs ?? 0) };
        const end = json.expires_at ? `until ${json.expires_at}` : 'until it is revoked';
        const text = [
          key,
          '',
          `Key ${id} of ${workspace.slug}, good ${end}. It is not shown again: store it now.`,
          `To end it: magistry key revoke ${id}`,
        ];
        return { json, text: text.join('\n') };
      }),
    );
  withExamples(
    command,
    'magistry key create --workspace linen-house --name "nightly sync" --scopes decisions:read',
    'magistry key create --workspace 12 --name trial --tier free --limit-per-minute 30 --expires 2027-01-31',
  );
}
