import { parseArgs } from 'node:util';
import { secondsSince } from '../../infra/local/stages.ts';
import { onStopRequest } from '../../infra/local/stop-request.ts';
import { add, clearResults, sumResults, type Tally } from './result-files.ts';
import { findSpecFiles, runSpecFiles } from './spec-files.ts';
import { type Stage, stages } from './stages.ts';

const names = stages.map(({ name }) => name).join(', ');
const help = `npm test                        everything
npm test -- --only unit,lint    these stages alone
npm test -- cancel              the spec files with "cancel" in their path alone, beside what they need
npm test -- cancel --named 250  of these, the tests whose name matches "250"
stages: ${names}`;

const options = {
  only: { type: 'string' },
  named: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

function chooseStages(only: string | undefined): readonly Stage[] {
  if (only === undefined) return stages;
  const wanted = only.split(',').map((name) => name.trim());
  const unknown = wanted.filter((name) => !stages.some((stage) => stage.name === name));
  if (unknown.length > 0) throw new Error(`there is no stage ${unknown.join(', ')}. Stages: ${names}`);
  return stages.filter(({ name }) => wanted.includes(name));
}

async function runStages(chosen: readonly Stage[], signal: AbortSignal): Promise<Tally> {
  const failedStages = new Set<string>();
  let total: Tally = { passed: 0, failed: 0, skipped: 0 };
  for (const stage of chosen) {
    if (signal.aborted) break;
    if (stage.needs !== undefined && failedStages.has(stage.needs)) {
      console.log(`- ${stage.name} left out: ${stage.needs} failed`);
      continue;
    }
    const { ok, tally } = await runStage(stage, signal);
    if (!ok) failedStages.add(stage.name);
    total = add(total, tally);
  }
  return total;
}

async function runStage(stage: Stage, signal: AbortSignal): Promise<{ ok: boolean; tally: Tally }> {
  const startedAt = performance.now();
  const { ok, output } = await stage
    .run(signal)
    .catch((error: Error) => ({ ok: false, output: error.stack ?? error.message }));
  const tests = stage.testTarget === undefined ? undefined : sumResults(stage.testTarget);
  const tally = tests ?? { passed: 0, failed: 0, skipped: 0 };
  const good = ok && tally.failed === 0;
  // A stage that failed without a failed test, such as a check or a crash, is one failure.
  if (!good && tally.failed === 0) tally.failed = 1;
  const counted = tests === undefined ? '' : `: ${describe(tally)}`;
  console.log(`${good ? '✓' : '✗'} ${stage.name}${counted} ${secondsSince(startedAt)} s`);
  if (!good) console.log(output.trimEnd());
  return { ok: good, tally };
}

function describe({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const signal = onStopRequest(() => process.exit(1));
  if (positionals.length === 0 && values.named === undefined)
    return runAll(chooseStages(values.only), signal);
  if (values.only !== undefined)
    throw new Error('--only chooses stages, and words choose files: give one of them');
  if (positionals.length === 0) throw new Error('--named needs a file: npm test -- cancel --named 250');
  return (await runSpecFiles(findSpecFiles(positionals), values.named, signal)) ? 0 : 1;
}

async function runAll(chosen: readonly Stage[], signal: AbortSignal): Promise<number> {
  clearResults();
  const total = await runStages(chosen, signal);
  const ranTests = chosen.some(({ testTarget }) => testTarget !== undefined);
  const interrupted = signal.aborted;
  if (interrupted || (ranTests && total.passed === 0 && total.failed === 0)) {
    console.log(interrupted ? '✗ interrupted' : '✗ no test ran');
    total.failed += 1;
  }
  console.log(`tests: ${describe(total)}`);
  return total.failed === 0 ? 0 : 1;
}

try {
  process.exit(await main());
} catch (error) {
  console.error(`✗ ${(error as Error).message}`);
  process.exit(1);
}
