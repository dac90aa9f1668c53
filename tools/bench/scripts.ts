import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { promisify } from 'node:util';

const run = promisify(execFile);
const scriptPath = (name: string) => new URL(name, import.meta.url).pathname;

/** Runs a script of this folder to its end, in a process of its own; what it printed. */
export async function runScript(name: string, words: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [scriptPath(name), ...words]);
  return stdout;
}

/** Starts a script of this folder that serves; it prints one line once it does. */
export async function startScript(name: string, words: readonly string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [scriptPath(name), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [first] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown];
  if (child.exitCode !== null) throw new Error(`${name} ended at once (${first})`);
  return child;
}

/** A port of 127.0.0.1 that nobody has right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address === 'object' && address) return address.port;
  throw new Error('no free port was found');
}
