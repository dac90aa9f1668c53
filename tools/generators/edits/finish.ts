import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type GeneratorCallback, type Tree, workspaceRoot } from '@nx/devkit';

const FORMATTED = /\.(ts|json|md)$/;

/** Runs once the files are written: formats them, makes what is derived from them, and says what is left to do. */
export function finish(tree: Tree, steps: readonly string[]): GeneratorCallback {
  const paths = tree.listChanges().map(({ path }) => path);
  const formatted = paths.filter((path) => FORMATTED.test(path) && path !== 'package-lock.json');
  return () => {
    run('biome', ['check', '--write', '--colors=off', ...formatted]);
    // Protobuf code, users of NATS, docker-compose.yml, .env.example and the OpenAPI documents.
    run('nx', ['run-many', '-t', 'generate', '--output-style=static']);
    console.log(
      ['', 'Left to do by hand:', ...steps.map((step, index) => `${index + 1}. ${step}`)].join('\n'),
    );
  };
}

function run(command: string, words: readonly string[]): void {
  const path = join(workspaceRoot, 'node_modules/.bin', command);
  execFileSync(path, words, { cwd: workspaceRoot, stdio: ['ignore', 'ignore', 'inherit'] });
}
