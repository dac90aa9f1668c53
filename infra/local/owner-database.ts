import { type Home, openHome, openSecrets } from './home.ts';
import { ownerUrl } from './infrastructure.ts';
import { isRunning } from './process-identity.ts';
import { Stack } from './stack.ts';
import { readState } from './state.ts';

/**
 * Gives an operator's command the database of a home, as its owner: the one in DATABASE_URL, else the
 * one that runs now, else one started for as long as the command takes.
 */
export async function withOwnerDatabase<T>(work: (url: string) => Promise<T>): Promise<T> {
  const given = process.env['DATABASE_URL'];
  if (given) return work(given);
  const folder = process.env['MAGISTRY_HOME'] || '.magistry';
  const running = findRunning(openHome(folder));
  if (running !== undefined) return work(running);
  const stack = new Stack({ home: folder, services: false, report: (line) => console.error(line) });
  try {
    await stack.start();
    return await work(stack.databaseAdminUrl);
  } finally {
    await stack.stop();
  }
}

function findRunning(home: Home): string | undefined {
  const { processes, ports } = readState(home.state);
  const postgres = processes['postgres'];
  if (postgres === undefined || ports['postgres'] === undefined || !isRunning(postgres)) return undefined;
  return ownerUrl(ports['postgres'], openSecrets(home.secrets)('postgres owner'));
}
