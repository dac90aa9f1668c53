import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import type { Stack } from '../../infra/local/stack.ts';

const run = promisify(execFile);
const scriptPath = (name: string) => new URL(name, import.meta.url).pathname;

/** Runs a load in a process of its own; resolves with the counts that it prints. */
export async function runScript(name: string, words: readonly string[]): Promise<Record<string, number>> {
  const { stdout } = await run(process.execPath, [scriptPath(name), ...words]);
  return JSON.parse(stdout);
}

/** A hand-written edge (yardstick-edge.ts) and the service behind it, each a process. */
export async function startYardstick(stack: Stack, service: string) {
  const port = await freePort();
  const processes = [
    await startScript(service, [stack.natsUrl, stack.databaseAdminUrl]),
    await startScript('yardstick-edge.ts', [stack.natsUrl, String(port)]),
  ];
  const stop = () => {
    for (const child of processes) child.kill();
  };
  return { url: `http://127.0.0.1:${port}`, stop };
}

/** Starts a script of this folder that serves; it prints one line once it does. */
export async function startScript(name: string, words: readonly string[]): Promise<ChildProcess> {
  return (await startTellingScript(name, words)).child;
}

/** As `startScript`, with the line. */
export async function startTellingScript(name: string, words: readonly string[]) {
  const child = spawn(process.execPath, [scriptPath(name), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [first] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown];
  if (child.exitCode !== null) throw new Error(`${name} ended at once (${first})`);
  return { child, line: String(first).trim() };
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
