import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const RUN_MS_MAX = 60_000;
const FOLDER = dirname(fileURLToPath(import.meta.url));

interface Results {
  readonly testResults: readonly {
    readonly name: string;
    readonly startTime: number;
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

/** Test by test how a run of Jest in a process of its own ended, file behind file as they are named. */
async function run(...files: string[]): Promise<Record<string, string>> {
  const paths = files.map((file) => join(FOLDER, file));
  const words = [
    ...['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '-c', 'jest.config.mjs', '--json'],
    ...['--testMatch', '**/*.fixture.ts', '--runInBand', '--runTestsByPath', ...paths],
  ];
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, words, (_, stdout) => resolve(stdout));
  });
  const { testResults } = JSON.parse(output) as Results;
  const inOrder = testResults.toSorted((one, other) => one.startTime - other.startTime);
  expect(inOrder.map(({ name }) => name)).toEqual(paths);
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  return Object.fromEntries(tests.map(({ title, status }) => [title, status]));
}

test(
  'what a failed test, hook or start leaves is ended before others meet it, and what has passed is kept for its file',
  async () => {
    expect(await run('leaves-behind.fixture.ts', 'meets-nobody.fixture.ts')).toEqual({
      'fails half-way': 'failed',
      'finds what the failed test has begun gone, and the rest there': 'passed',
      'leaves what others go on with': 'passed',
      'goes on with it': 'passed',
      'is given less time than its start takes': 'failed',
      'does not come to its test': 'failed',
      'nobody answers whom another file has begun': 'passed',
    });
  },
  RUN_MS_MAX,
);
