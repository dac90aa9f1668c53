import { identity } from '@magistry/contracts';
import type { Command } from 'commander';
import { confirm } from '../confirm.js';
import { withExamples } from '../output/help.js';
import { workspaceRecord } from '../output/records.js';
import { present } from '../platform.js';
import type { Session } from '../session.js';

export function workspaceSetTier(parent: Command, session: Session): void {
  const command = parent
    .command('set-tier')
    .summary('move a workspace to another tier')
    .description(
      'Moves a workspace to another tier. Its keys keep the tier that they were given, and are served at the ' +
        'lower of the two within 5 seconds.',
    )
    .argument('<workspace>', 'its id or slug')
    .argument('<tier>', 'free, starter, pro, agency, business or enterprise')
    .option('-y, --yes', 'do not ask')
    .action(
      session.does(async (platform, selector: string, tier: string, options: { yes?: boolean }) => {
        const { id, slug, tier: before } = await platform.workspace(selector);
        await confirm(`Move ${slug} from tier ${before} to ${tier}?`, options);
        const answer = await platform.call(identity.setWorkspaceTier, { workspaceId: id, tier });
        const json = {
          ...workspaceRecord(present(answer.workspace)),
          previous_tier: answer.previousTier,
        };
        const text = `${slug} is ${json.tier} now; it was ${json.previous_tier}. Its keys follow within 5 seconds.`;
        return { json, text };
      }),
    );
  withExamples(
    command,
    'magistry workspace set-tier linen-house agency',
    'magistry workspace set-tier 12 free --yes',
  );
}
