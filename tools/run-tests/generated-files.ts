import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nxEnvironment } from '../../infra/local/build.ts';
import { repository } from '../../infra/local/home.ts';
import { type CommandResult, runCommand } from '../../infra/local/run-command.ts';

/** Runs every generator anew: afterwards git must see the same files as before. */
export async function checkGeneratedFiles(signal: AbortSignal): Promise<CommandResult> {
  if (!existsSync(join(repository, '.git'))) return { ok: true, output: 'not a git checkout: not compared' };
  const before = await readChanges(signal);
  const environment = { ...nxEnvironment, NX_SKIP_NX_CACHE: 'true' };
  const generated = await runCommand('npm', ['run', 'generate', '--silent'], { environment, signal });
  if (!generated.ok) return generated;
  const after = await readChanges(signal);
  if (after === before) return { ok: true, output: '' };
  const advice = 'generated files are out of date. Run "npm run generate" and commit what it changes:';
  return { ok: false, output: `${advice}\n${after}` };
}

async function readChanges(signal: AbortSignal): Promise<string> {
  const status = await runCommand('git', ['status', '--porcelain', '--untracked-files=all'], { signal });
  const changes = await runCommand('git', ['diff', '--no-color'], { signal });
  return `${status.output}\n${changes.output}`;
}
