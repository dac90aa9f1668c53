import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesMatching } from './repository.ts';

const READERS = /^apps\/[^/]+\/src\/config\.ts$/;
const TESTS = /\.(spec|fixture)\.ts$|^apps\/[^/]+\/test\/|^apps\/e2e\/|^libs\/testing\//;

const READS_ENVIRONMENT = [
  /\bprocess\s*(\?\.|\.)\s*env\b/,
  /\bprocess\s*\[\s*['"`]env/,
  /\}\s*=\s*process\b/,
  /from '(node:)?process'/,
];

/** Sources below a folder that read the environment and are neither an app's config.ts nor a test. */
export function environmentReaders(folder: string): string[] {
  return filesMatching(['apps/**/*.ts', 'libs/**/*.ts'], folder)
    .filter((path) => !READERS.test(path) && !TESTS.test(path))
    .filter((path) => {
      const source = readFileSync(join(folder, path), 'utf8');
      return READS_ENVIRONMENT.some((pattern) => pattern.test(source));
    });
}
