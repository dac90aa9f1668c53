import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tree } from '@nx/devkit';
import { createTree } from '@nx/devkit/testing';
import { filesMatching, repository } from '../checks/repository.ts';

const READ = [
  ...[
    'apps/*/README.md',
    'apps/*/src/app.module.ts',
    'apps/*/src/*.controller.ts',
    'apps/*/src/operations/*.ts',
  ],
  ...['libs/contracts/src/*.ts', 'proto/**/*.proto', 'infra/local/services.ts', 'docs/architecture.md'],
  ...['package-lock.json'],
];

/** The present house, as far as the generators look at it, in a tree that is never written to the disk. */
export function aHouse(): Tree {
  const tree = createTree();
  for (const path of filesMatching(READ)) tree.write(path, readFileSync(join(repository, path)));
  return tree;
}

/** Every file of the tree with its text, to see what a generator changed. */
export function contentsOf(tree: Tree): Record<string, string> {
  return Object.fromEntries(tree.listChanges().map(({ path, content }) => [path, content?.toString() ?? '']));
}
