import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from '../local/home.ts';
import { clearPostgresLeftovers } from './leftovers.ts';

/**
 * As root the data lies outside of the home. When someone removed the home to begin anew, the old data
 * must not stay in the way: it is set aside, once. Returns where, or undefined when there is none.
 */
export async function setAsideAbandonedData(home: Home): Promise<string | undefined> {
  const homeIsNew = !existsSync(home.secrets) && !existsSync(home.state);
  if (!homeIsNew || !existsSync(home.postgres)) return undefined;
  await clearPostgresLeftovers(join(home.postgres, 'data'));
  const aside = `${home.postgres}.replaced`;
  rmSync(aside, { recursive: true, force: true });
  renameSync(home.postgres, aside);
  return aside;
}
