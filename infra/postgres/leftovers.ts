import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { endProcess, identify, type ProcessIdentity, waitForEnd } from '../local/process-identity.ts';

const leaveAloneMs = 1_000;
const endTimeoutMs = 20_000;

/**
 * After a kill -9 the old postmaster's children may hold its shared memory for a moment, and its pid
 * file stays. Waits for the children, ends those that do not leave, then removes the file.
 */
export async function clearPostgresLeftovers(dataFolder: string): Promise<void> {
  const pidFile = join(dataFolder, 'postmaster.pid');
  if (process.platform !== 'linux' || !existsSync(pidFile)) return;
  const leftovers = findProcessesIn(dataFolder);
  const owner = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
  await endOwner(leftovers.find(({ pid }) => pid === owner));
  for (const leftover of leftovers) {
    if (!(await waitForEnd(leftover, leaveAloneMs))) await endProcess(leftover, 'SIGQUIT', endTimeoutMs);
  }
  rmSync(pidFile, { force: true });
}

async function endOwner(owner: ProcessIdentity | undefined): Promise<void> {
  if (owner !== undefined) await endProcess(owner, 'SIGINT', endTimeoutMs);
}

// Postgres works inside its data folder, so the working folder tells its processes from all others.
function findProcessesIn(dataFolder: string): ProcessIdentity[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && readWorkingFolder(entry) === dataFolder)
    .map((entry) => identify(Number(entry)))
    .filter((identity) => identity !== undefined);
}

function readWorkingFolder(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}
