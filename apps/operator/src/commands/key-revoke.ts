import { identity } from '@magistry/contracts';
import type { Command } from 'commander';
import { wholeNumber } from '../arguments.js';
import { confirm } from '../confirm.js';
import { withExamples } from '../output/help.js';
import { isoTime } from '../output/records.js';
import type { Session } from '../session.js';

export function keyRevoke(parent: Command, session: Session): void {
  const command = parent
    .command('revoke')
    .summary('end a key for good')
    .description(
      'Ends a key of a workspace. It is refused everywhere within 5 seconds, and never comes back.',
    )
    .argument('<id>', 'as "magistry key list" shows it', wholeNumber(1))
    .option('-y, --yes', 'do not ask')
    .action(
      session.does(async (platform, id: number, options: { yes?: boolean }) => {
        await confirm(`End key ${id} for good?`, options);
        const revoked = await platform.call(identity.revokeWorkspaceKey, { id });
        const json = {
          id: revoked.id,
          name: revoked.name,
          workspace: revoked.workspaceSlug,
          revoked_at: isoTime(revoked.revokedUnixMs),
          revoked_by: revoked.revokedBy || null,
        };
        const text =
          `Key ${json.id} (${json.name}) of ${json.workspace} is revoked since ${json.revoked_at}` +
          `${json.revoked_by ? `, by ${json.revoked_by}` : ''}. Gateways refuse it within 5 seconds.`;
        return { json, text };
      }),
    );
  withExamples(command, 'magistry key revoke 34', 'magistry key revoke 34 --yes --json');
}
