// Makes a service and two operations in a copy of the tree, runs the tests there, and removes the copy.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { nxEnvironment } from '../../infra/local/build.ts';
import { repository } from '../../infra/local/home.ts';

const help = `npm run test:recipes                          every stage named below
npm run test:recipes -- --only build,unit    these stages of npm test alone
npm run test:recipes -- --keep               leaves the copy, and says where it is`;

const STAGES = 'lockfile,build,lint,types,boundaries,proto,unit,integration';

const RECIPES = [
  ['new:service', '--name=notes', '--noun=note', '--scopes=research', '--schema'],
  ['new:service', '--name=hints', '--noun=hint', '--scopes=planner'],
  ['new:operation', '--service=notes', '--name=find-note', '--call'],
  [
    ...['new:operation', '--service=planner', '--name=check-hint', '--method=POST'],
    ...['--path=/v1/planner/hints/:hint', '--scope=planner:read'],
  ],
];

/** The tracked files, and those about to be, with the packages of the original. */
function copyTree(): string {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), 'magistry-recipes-')));
  const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: repository,
    encoding: 'utf8',
  });
  if (listed.status !== 0) throw new Error(`git ls-files failed: ${listed.stderr}`);
  for (const path of listed.stdout.split('\0').filter((name) => name !== '')) {
    cpSync(join(repository, path), join(copy, path), { recursive: true });
  }
  copyPackages(copy);
  return copy;
}

/** Links to our own libraries are relative, and so lead into the copy. */
function copyPackages(copy: string): void {
  const words = [join(repository, 'node_modules'), copy];
  // Hard links cost no room; another disk than the original's cannot have them.
  const isLinked = spawnSync('cp', ['-al', ...words], { stdio: 'ignore' }).status === 0;
  if (isLinked) return;
  rmSync(join(copy, 'node_modules'), { recursive: true, force: true });
  if (spawnSync('cp', ['-a', ...words]).status !== 0) throw new Error('the packages could not be copied');
}

function run(copy: string, command: string, words: readonly string[]): void {
  const path = [join(copy, 'node_modules/.bin'), process.env['PATH']].join(delimiter);
  const environment = { ...process.env, ...nxEnvironment, PATH: path, NX_WORKSPACE_ROOT_PATH: copy };
  console.log(`> ${command} ${words.join(' ')}`);
  const { status } = spawnSync(command, words, { cwd: copy, env: environment, stdio: 'inherit' });
  if (status !== 0) throw new Error(`failed: ${command} ${words.join(' ')}`);
}

function main(): void {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: STAGES },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const copy = copyTree();
  try {
    for (const [script = '', ...options] of RECIPES)
      run(copy, 'npm', ['run', '--silent', script, '--', ...options]);
    // Not through run.mjs: it would install the packages anew.
    run(copy, process.execPath, ['tools/run-tests/run.ts', '--only', values.only]);
  } finally {
    if (values.keep) console.log(`the copy is in ${copy}`);
    else rmSync(copy, { recursive: true, force: true });
  }
}

try {
  main();
} catch (error) {
  console.error(`✗ ${(error as Error).message}`);
  process.exitCode = 1;
}
