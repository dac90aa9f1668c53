import { globSync } from 'node:fs';
import { nxEnvironment } from '../../infra/local/build.ts';
import { repository } from '../../infra/local/home.ts';
import { type CommandResult, runCommand } from '../../infra/local/run-command.ts';
import { withEndToEndStack, withIntegrationStack } from './test-environment.ts';

const suites = ['integration', 'e2e', 'faults'] as const;
type Suite = (typeof suites)[number] | 'unit';

/** The spec files whose paths contain one of `parts`. Throws when a part names none. */
export function findSpecFiles(parts: readonly string[]): string[] {
  const all = globSync('{apps,libs,tools,infra}/**/*.spec.ts', {
    cwd: repository,
    exclude: (path) => /(^|\/)(node_modules|dist|fixtures)$/.test(path),
  });
  const found = parts.flatMap((part) => {
    const files = all.filter((file) => file.includes(part));
    if (files.length === 0) throw new Error(`no spec file has "${part}" in its path`);
    return files;
  });
  return [...new Set(found)].sort();
}

/** Runs these files alone, each beside what its suffix says it needs, and shows what Jest prints. */
export async function runSpecFiles(
  files: readonly string[],
  testName: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const built = await runCommand('nx', ['run-many', '-t', 'build', '--output-style=static'], {
    environment: nxEnvironment,
    signal,
  });
  if (!built.ok) console.log(built.output);
  let ok = built.ok;
  for (const [suite, chosen] of bySuite(files)) {
    if (!ok) break;
    console.log(`${suite}: ${chosen.join(', ')}`);
    const jest = (environment: NodeJS.ProcessEnv) => runJest(chosen, testName, environment, signal);
    ({ ok } = await beside(suite, signal, jest));
  }
  return ok;
}

function beside(
  suite: Suite,
  signal: AbortSignal,
  jest: (environment: NodeJS.ProcessEnv) => Promise<CommandResult>,
) {
  if (suite === 'integration') return withIntegrationStack(signal, jest);
  if (suite === 'e2e') return withEndToEndStack(signal, jest);
  return jest({});
}

function bySuite(files: readonly string[]): Map<Suite, string[]> {
  const suiteOf = (file: string): Suite => suites.find((name) => file.endsWith(`.${name}.spec.ts`)) ?? 'unit';
  return Map.groupBy(files, suiteOf);
}

function runJest(
  files: readonly string[],
  testName: string | undefined,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<CommandResult> {
  const named = testName === undefined ? [] : ['--testNamePattern', testName];
  const node = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
  ];
  const words = [
    ...node,
    '-c',
    'jest.config.mjs',
    '--ci',
    '--runInBand',
    ...named,
    '--runTestsByPath',
    ...files,
  ];
  return runCommand('node', words, {
    environment: { ...nxEnvironment, ...environment },
    signal,
    onOutput: (text) => void process.stdout.write(text),
  });
}
