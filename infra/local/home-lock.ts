import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Home } from './home.ts';
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts';
import { readState } from './state.ts';

/** One starter per home: takes the lock, or says who holds it. Returns the release. */
export function lockHome(home: Home): () => void {
  const mine = identify(process.pid);
  const claim = `${home.lock}.${process.pid}`;
  writeFileSync(claim, JSON.stringify(mine));
  try {
    while (!tryLink(claim, home.lock)) moveStaleLockAway(home);
  } finally {
    rmSync(claim, { force: true });
  }
  return () => rmSync(home.lock, { force: true });
}

// A hard link appears with its content in one step, so a lock is never seen empty.
function tryLink(claim: string, lock: string): boolean {
  try {
    linkSync(claim, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function moveStaleLockAway(home: Home): void {
  refuseIfHeld(home, readHolder(home.lock));
  const stale = `${home.lock}.stale.${process.pid}`;
  try {
    renameSync(home.lock, stale);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = readHolder(stale);
  // Another starter may have taken over between the look and the move: give it its lock back.
  if (moved !== undefined && isRunning(moved)) tryLink(stale, home.lock);
  rmSync(stale, { force: true });
}

function refuseIfHeld(home: Home, holder: ProcessIdentity | undefined): void {
  if (holder === undefined || !isRunning(holder)) return;
  const url = readState(home.state).gatewayUrl;
  throw new Error(
    `Magistry is already running in ${home.folder} (pid ${holder.pid}${url ? `, ${url}` : ''}). ` +
      'Stop it with Ctrl-C there, or set MAGISTRY_HOME to another folder for a second one.',
  );
}

function readHolder(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
