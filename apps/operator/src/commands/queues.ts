import { decisions } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { Command } from 'commander';
import { EXIT } from '../exit.js';
import { withExamples } from '../output/help.js';
import { table } from '../output/table.js';
import type { Platform } from '../platform.js';
import type { Session } from '../session.js';

const SHARDS = Array.from({ length: decisions.LEDGER_SHARDS }, (_, shard) => shard);

export function queues(parent: Command, session: Session): void {
  const command = parent
    .command('queues')
    .summary('who writes the ledger, and what waits for it')
    .description(
      'Shows for each shard of the ledger which process holds it (host:pid), the number of its tenure, and how ' +
        'many commands wait for its next batch. Exits 1 when a shard has no holder.',
    )
    .action(
      session.does(async (platform) => {
        const json = await Promise.all(SHARDS.map((shard) => writerOf(platform, shard)));
        const rows = json.map(({ shard, process, epoch, queue_length }) => [
          ...[String(shard), process ?? 'nobody: its workspaces cannot be written', epoch, queue_length],
        ]);
        const text = table(['SHARD', 'HELD BY', 'EPOCH', 'WAITING'], rows);
        return {
          json,
          text,
          exitCode: json.some(({ process }) => process === null) ? EXIT.refused : EXIT.ok,
        };
      }),
    );
  withExamples(command, 'magistry queues', 'magistry queues --json');
}

async function writerOf(platform: Platform, shard: number) {
  const subject = decisions.writerStateSubject(shard);
  try {
    const { process, epoch, queueLength } = await platform.call(decisions.getWriterState, {}, subject);
    return { shard, process, epoch: Number(epoch), queue_length: queueLength };
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code !== 'service_unavailable') throw error;
    return { shard, process: null, epoch: null, queue_length: null };
  }
}
