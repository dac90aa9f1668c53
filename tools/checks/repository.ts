import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../../', import.meta.url));

const NOT_OURS = ['**/node_modules', '**/dist', '**/generated', '.nx', '.magistry', '.test-results'];

/** Repository paths of the files that fit one of the patterns, without what is installed, built or generated. */
export function filesMatching(patterns: readonly string[], folder = repository): string[] {
  return globSync([...patterns], { cwd: folder, exclude: [...NOT_OURS, 'tools/checks/fixtures'] }).sort();
}

/** A known-bad tree that a check must refuse. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`./fixtures/${name}/`, import.meta.url));
}
