import { runCommand } from './run-command.ts';

/** Builds every project and its generated files; Nx takes what has not changed from its cache. */
export async function build(signal: AbortSignal): Promise<void> {
  const words = ['run-many', '-t', 'build,generate', '--output-style=static'];
  const { ok, output } = await runCommand('nx', words, { environment: nxEnvironment, signal });
  signal.throwIfAborted();
  if (!ok) throw new Error(`the build failed:\n${output}`);
}

export const nxEnvironment = { NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true', FORCE_COLOR: '0' };
