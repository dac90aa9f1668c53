import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { repository } from '../../infra/local/home.ts';
import { onStopRequest } from '../../infra/local/stop-request.ts';
import { agentRuns } from './agent-runs.ts';
import type { Bench, Comparison } from './bench.ts';
import { gatewayRead } from './gateway-read.ts';
import { keyCheck } from './key-check.ts';
import { ledgerAppend } from './ledger-append.ts';
import { messageStream } from './message-stream.ts';
import { propose } from './propose.ts';
import { readDecisions } from './read-decisions.ts';
import { renderCounts, renderRemarks, renderTable } from './table.ts';
import { webhookDelivery } from './webhook-delivery.ts';
import { webhookNeighbours } from './webhook-neighbours.ts';
import { webhookPublish } from './webhook-publish.ts';

const benches: readonly Bench[] = [
  gatewayRead,
  readDecisions,
  ledgerAppend,
  propose,
  webhookDelivery,
  webhookPublish,
  webhookNeighbours,
  agentRuns,
  messageStream,
  keyCheck,
];
const ids = benches.map(({ id }) => id).join(',');

const help = `npm run bench -- [options]
  --only ${ids}     these promises alone
  --seconds 4       length of one sample, 1 to 60
  --rounds 5        samples of each side, taken in turn, 1 to 50
  --seed text       of the generated requests`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: ids },
      seconds: { type: 'string', default: '4' },
      rounds: { type: 'string', default: '5' },
      seed: { type: 'string', default: 'magistry' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    process.exit(0);
  }
  const wanted = values.only.split(',').map((id) => id.trim());
  const unknown = wanted.filter((id) => !benches.some((bench) => bench.id === id));
  if (unknown.length > 0) throw new Error(`there is no bench ${unknown.join(', ')}. Benches: ${ids}`);
  return {
    chosen: benches.filter(({ id }) => wanted.includes(id)),
    seconds: within('seconds', values.seconds, 60),
    rounds: within('rounds', values.rounds, 50),
    seed: values.seed,
  };
}

function within(name: string, text: string, largest: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= largest) return value;
  throw new Error(`--${name} must be a whole number from 1 to ${largest}, not ${text}.`);
}

function commit(): string {
  const git = (...words: string[]) =>
    execFileSync('git', words, { cwd: repository, encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain') === '' ? '' : ' with uncommitted changes';
  return `${git('rev-parse', '--short', 'HEAD')}${changed}`;
}

async function main(): Promise<void> {
  const { chosen, ...options } = readOptions();
  const signal = onStopRequest(() => process.exit(1));
  const comparisons: Comparison[] = [];
  for (const bench of chosen) {
    console.log(`${bench.id}`);
    comparisons.push(...(await bench.measure({ ...options, signal, report: console.log })));
  }
  console.log(`\n${renderTable(comparisons)}\n\n${renderRemarks(comparisons)}\n${renderCounts(comparisons)}`);
  console.log(
    `commit ${commit()}, seed ${options.seed}, ${options.rounds} rounds of ${options.seconds} s, medians`,
  );
}

try {
  await main();
  process.exit(0);
} catch (error) {
  console.error(`✗ ${(error as Error).message}`);
  process.exit(1);
}
