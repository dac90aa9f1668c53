import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runsAsRoot } from './home.ts';
import { type CommandResult, runCommand } from './run-command.ts';

/** What Debian calls both the program and its package. */
export type Tool = 'redis-server' | 'nats-server' | 'chromium' | 'jq';

/** Where a server program was found: on this machine, or as a Docker image. */
export type Provision = { kind: 'program'; path: string } | { kind: 'docker' };

// Debian keeps nats-server in /usr/sbin, which is not on an ordinary user's PATH.
const extraFolders = ['/usr/local/bin', '/usr/local/sbin', '/usr/bin', '/usr/sbin', '/opt/homebrew/bin'];

/** Finds each tool on PATH, else installs it from Debian, else settles for Docker, else says what to do. */
export async function provision(
  tools: readonly Tool[],
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Map<Tool, Provision>> {
  const isMissing = (tool: Tool) => findProgram(tool) === undefined;
  const missing = tools.filter(isMissing);
  const tried = missing.length > 0 ? await installWithApt(missing, say, signal) : '';
  const stillMissing = missing.filter(isMissing);
  if (stillMissing.length > 0 && !(await dockerAnswers())) throw new Error(explain(stillMissing, tried));
  return new Map(tools.map((tool) => [tool, provisionOf(tool)]));
}

/** The path of a program that no Docker image can stand in for. */
export async function provisionProgram(
  tool: Tool,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const tried = findProgram(tool) === undefined ? await installWithApt([tool], say, signal) : '';
  const path = findProgram(tool);
  if (path !== undefined) return path;
  const reason = tried || 'apt-get did not bring it';
  throw new Error(`${tool} not found on PATH; ${reason}. Install it:  sudo apt-get install ${tool}`);
}

/** The Python, of those on the machine, that has the library which Debian calls `python3-<library>`. */
export async function provisionPython(
  library: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const debianPackage = `python3-${library}`;
  const tried = (await findPython(library)) ? '' : await installWithApt([debianPackage], say, signal);
  const path = await findPython(library);
  if (path !== undefined) return path;
  const reason = tried || 'apt-get did not bring it';
  throw new Error(`no Python has ${library}; ${reason}. Install it:  sudo apt-get install ${debianPackage}`);
}

async function findPython(library: string): Promise<string | undefined> {
  for (const path of ['python3', '/usr/bin/python3']) {
    if ((await runCommand(path, ['-c', `import ${library}`])).ok) return path;
  }
  return undefined;
}

function provisionOf(tool: Tool): Provision {
  const path = findProgram(tool);
  return path === undefined ? { kind: 'docker' } : { kind: 'program', path };
}

function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...extraFolders];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Returns what went wrong, in one line. */
async function installWithApt(
  packages: readonly string[],
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  if (findProgram('apt-get') === undefined) return 'there is no apt-get here';
  const rise = runsAsRoot ? [] : ['sudo', '-n'];
  if (!runsAsRoot && !(await runCommand('sudo', ['-n', 'true'])).ok) {
    return 'apt-get needs root, and sudo asks for a password';
  }
  say(`… apt-get install ${packages.join(' ')}`);
  const apt = (...words: string[]): Promise<CommandResult> => {
    // RUNLEVEL=1 keeps Debian from starting a Redis of its own on its default port.
    const settings = ['DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1'];
    const [command = 'env', ...rest] = [...rise, 'env', ...settings, 'apt-get', ...words];
    return runCommand(command, rest, { signal });
  };
  await apt('update', '-o', 'DPkg::Lock::Timeout=120');
  const result = await apt(
    ...['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', ...packages],
  );
  return result.ok ? '' : `apt-get failed: ${result.output.trim().split('\n').slice(-3).join(' / ')}`;
}

async function dockerAnswers(): Promise<boolean> {
  return (await runCommand('docker', ['info'])).ok;
}

function explain(missing: readonly Tool[], tried: string): string {
  return [
    `${missing.join(' and ')} not found on PATH; ${tried || 'apt-get did not bring it'}; Docker does not answer.`,
    'Choose one:',
    `  1. install:  sudo apt-get install ${missing.join(' ')}   (or: brew install redis nats-server)`,
    '  2. Docker:   start it so that "docker info" works, then run this again',
    '  3. your own: REDIS_URL=redis://host:6379 NATS_URL=nats://host:4222 npm start   (NATS with JetStream)',
  ].join('\n');
}
