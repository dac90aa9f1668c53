import { nxEnvironment } from '../../infra/local/build.ts';
import { type CommandResult, runCommand } from '../../infra/local/run-command.ts';
import { checkGeneratedFiles } from './generated-files.ts';
import { withEndToEndStack, withIntegrationStack } from './test-environment.ts';

export interface Stage {
  name: string;
  /** Set when the stage runs tests: the Nx target whose Jest reports are summed. */
  testTarget?: string;
  /** A stage that must have passed; without it this one is left out. */
  needs?: string;
  run: (signal: AbortSignal) => Promise<CommandResult>;
}

/** Everything `npm test` does, in order. */
export const stages: readonly Stage[] = [
  check('lockfile', 'node', 'infra/packages/complete-lockfile.mjs', '--check'),
  { name: 'build', run: (signal) => nx(signal, {}, 'run-many', '-t', 'build') },
  check('lint', 'biome', 'ci', '--colors=off', '.'),
  check('types', 'tsc', '--noEmit', '-p', 'tsconfig.json'),
  check('boundaries', 'npm', 'run', 'boundaries', '--silent'),
  check('proto', 'buf', 'lint'),
  { name: 'generated', run: checkGeneratedFiles },
  { name: 'unit', testTarget: 'unit', run: (signal) => nx(signal, {}, 'run-many', '-t', 'unit') },
  { name: 'integration', testTarget: 'integration', needs: 'build', run: runIntegration },
  { name: 'e2e', testTarget: 'e2e', needs: 'build', run: runEndToEnd },
];

function check(name: string, command: string, ...words: string[]): Stage {
  return { name, run: (signal) => runCommand(command, words, { signal }) };
}

function nx(signal: AbortSignal, environment: NodeJS.ProcessEnv, ...words: string[]): Promise<CommandResult> {
  const all = [...words, '--output-style=static'];
  return runCommand('nx', all, { environment: { ...nxEnvironment, ...environment }, signal });
}

function runIntegration(signal: AbortSignal): Promise<CommandResult> {
  return withIntegrationStack(signal, (environment) =>
    nx(signal, environment, 'run-many', '-t', 'integration', '--parallel=1'),
  );
}

function runEndToEnd(signal: AbortSignal): Promise<CommandResult> {
  return withEndToEndStack(signal, (environment) =>
    nx(signal, environment, 'run', 'e2e:e2e', '--skip-nx-cache'),
  );
}
