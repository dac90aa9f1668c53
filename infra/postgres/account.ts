import { execFileSync } from 'node:child_process';
import { runsAsRoot } from '../local/home.ts';

export interface OperatingAccount {
  uid: number;
  gid: number;
}

const name = 'magistry';

// Debian and Red Hat have the first, Alpine the second.
const creators: readonly (readonly [string, ...string[]])[] = [
  ['useradd', '--system', '--no-create-home', '--user-group', '--shell', '/usr/sbin/nologin', name],
  ['adduser', '-S', '-D', '-H', '-s', '/sbin/nologin', name],
];

/** The OS user Postgres runs as when we are root; undefined when we are not and no other is needed. */
export function postgresAccount(): OperatingAccount | undefined {
  if (!runsAsRoot) return undefined;
  const existing = findAccount();
  if (existing !== undefined) return existing;
  for (const [command, ...words] of creators) {
    try {
      execFileSync(command, words, { stdio: 'pipe' });
    } catch {
      // A second checkout may have made the user a moment ago: looking again tells.
    }
    const made = findAccount();
    if (made !== undefined) return made;
  }
  throw new Error(
    `Postgres cannot run as root, and the OS user "${name}" could not be made. ` +
      `Run "useradd --system ${name}", or start as another user, or set DATABASE_URL.`,
  );
}

function findAccount(): OperatingAccount | undefined {
  try {
    return { uid: readId('-u'), gid: readId('-g') };
  } catch {
    return undefined;
  }
}

function readId(kind: string): number {
  return Number(execFileSync('id', [kind, name], { encoding: 'utf8', stdio: 'pipe' }));
}
