import { spawn } from 'node:child_process';
import { repository } from './home.ts';

export interface CommandResult {
  ok: boolean;
  output: string;
}

export interface CommandOptions {
  environment?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  onOutput?: (text: string) => void;
}

/** Runs a command in the repository and collects what it prints. A missing command is a failed one. */
export async function runCommand(
  command: string,
  words: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { environment, signal, onOutput } = options;
  signal?.throwIfAborted();
  return new Promise((resolve) => {
    let output = '';
    const collect = (chunk: string) => {
      output += chunk;
      onOutput?.(chunk);
    };
    const child = spawn(command, words, {
      cwd: repository,
      env: { ...process.env, ...environment },
      // A group of its own, so that what the command started can be ended with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const endGroup = () => signalGroup(child.pid);
    signal?.addEventListener('abort', endGroup, { once: true });
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    const settle = (ok: boolean) => {
      signal?.removeEventListener('abort', endGroup);
      resolve({ ok, output });
    };
    child.once('error', (error) => {
      output += `${command}: ${error.message}\n`;
      settle(false);
    });
    child.once('close', (code) => settle(code === 0));
  });
}

function signalGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGTERM');
  } catch {
    // It has ended in the meantime.
  }
}
