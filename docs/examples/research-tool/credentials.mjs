import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What `npm start` left in `home` about its demo workspace: base_url, workspace, keys. */
export async function readCredentials(home) {
  const path = join(home, 'credentials.json');
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new Error(`cannot read ${path} (${error.code ?? error.message}): start Magistry, or see --help`);
  }
}
