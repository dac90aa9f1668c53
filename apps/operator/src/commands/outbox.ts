import { decisions } from '@magistry/contracts';
import type { Command } from 'commander';
import { withExamples } from '../output/help.js';
import { table } from '../output/table.js';
import type { Session } from '../session.js';

const HEADINGS = ['SHARD', 'LAST', 'PUBLISHED', 'UNPUBLISHED', 'OLDEST WAITS (S)'];

export function outbox(parent: Command, session: Session): void {
  const command = parent
    .command('outbox')
    .summary('events that wait to be published')
    .description(
      'Shows for each shard of the ledger how far its events are published. The relay notes its progress about ' +
        'once a second, so a few events of the last second are no lag.',
    )
    .action(
      session.does(async (platform) => {
        const { shards } = await platform.call(decisions.getOutboxState, {});
        const json = shards.map((state) => ({
          shard: state.shard,
          last_position: Number(state.lastPosition),
          published_position: Number(state.publishedPosition),
          unpublished: Number(state.lastPosition - state.publishedPosition),
          oldest_unpublished_age_seconds: Math.round(state.oldestUnpublishedAgeMs / 1_000),
        }));
        const rows = json.map((state) => [
          ...[String(state.shard), state.last_position, state.published_position, state.unpublished],
          state.unpublished > 0 ? state.oldest_unpublished_age_seconds : null,
        ]);
        return { json, text: table(HEADINGS, rows) };
      }),
    );
  withExamples(command, 'magistry outbox', 'magistry outbox --json');
}
