import { identity } from '@magistry/contracts';
import type { Command } from 'commander';
import { everyPage } from '../output/every-page.js';
import { withExamples } from '../output/help.js';
import { partnerRecord } from '../output/records.js';
import { table } from '../output/table.js';
import type { Session } from '../session.js';

const HEADINGS = ['PARTNER', 'STATUS', 'INSTALLS', 'SINCE', 'BY', 'REASON', 'CONTACT'];

export function partnerList(parent: Command, session: Session): void {
  const command = parent
    .command('list')
    .summary('list every partner')
    .description('Lists every partner with its standing, oldest first.')
    .action(
      session.does(async (platform) => {
        const partners = await everyPage(async (afterId) => {
          const page = await platform.call(identity.listPartners, { afterId });
          return { rows: page.partners, hasMore: page.hasMore };
        });
        const json = partners.map(partnerRecord);
        const rows = json.map((partner) => [
          ...[partner.slug, partner.status, partner.installs, partner.status_changed_at],
          ...[partner.status_changed_by, partner.status_reason, partner.contact_email],
        ]);
        return { json, text: rows.length > 0 ? table(HEADINGS, rows) : 'There is no partner yet.' };
      }),
    );
  withExamples(command, 'magistry partner list', 'magistry partner list --json');
}
