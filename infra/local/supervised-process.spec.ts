import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type ProcessSettings, SupervisedProcess } from './supervised-process.ts';

const policy = { firstDelayMs: 10, longestDelayMs: 40, healthyAfterMs: 60_000 };
const sleeper = 'setInterval(() => undefined, 1000)';
const stubborn = `process.on('SIGTERM', () => undefined); ${sleeper}; console.log('ready')`;

let folder: string;
let lines: string[];
let pids: number[];
let supervised: SupervisedProcess;

function supervise(script: string, changes: Partial<ProcessSettings> = {}): SupervisedProcess {
  const settings: ProcessSettings = {
    name: 'probe',
    role: 'service',
    command: process.execPath,
    words: ['-e', script],
    environment: {},
    folder,
    stopSignal: 'SIGTERM',
    forceSignal: 'SIGKILL',
    stopTimeoutMs: 200,
    ...changes,
  };
  supervised = new SupervisedProcess(settings, folder, policy, {
    started: (_settings, pid) => pids.push(pid),
    ended: () => undefined,
    report: (line) => lines.push(line),
  });
  return supervised;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(5);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'supervised-'));
  lines = [];
  pids = [];
});

afterEach(async () => {
  await supervised.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('restarts a killed process and says so', async () => {
  await supervise(sleeper).start();
  supervised.kill('SIGKILL');
  await until(() => pids.length === 2);
  expect(lines).toEqual(['! probe ended (signal SIGKILL), restarting in 0.01 s']);
  expect(supervised.pid).toBe(pids[1]);
});

it('waits longer after each failure, up to the longest delay, and shows the log at the fifth', async () => {
  await supervise(`console.log('no such setting'); process.exit(3)`).start();
  await until(() => lines.length >= 7);
  expect(lines.slice(0, 5)).toEqual(
    ['0.01', '0.02', '0.04', '0.04', '0.04'].map(
      (seconds) => `! probe ended (exit code 3), restarting in ${seconds} s`,
    ),
  );
  expect(lines[5]).toContain('! probe failed 5 times in a row');
  expect(lines[6]).toContain('  no such setting');
});

it('reports a command that does not exist', async () => {
  await supervise(sleeper, { command: '/no/such/program' }).start();
  await until(() => lines.length > 0);
  expect(lines[0]).toContain('ENOENT');
});

it('tries again when its preparation fails', async () => {
  let calls = 0;
  const prepare = async () => {
    calls += 1;
    if (calls === 1) throw new Error('not yet');
  };
  await supervise(sleeper, { prepare }).start();
  await until(() => pids.length === 1);
  expect(lines).toEqual(['! probe ended (not yet), restarting in 0.01 s']);
});

it('stops for good, by force when asking does not help', async () => {
  await supervise(stubborn).start();
  await pause(300);
  await supervised.stop();
  await pause(50);
  expect(supervised.pid).toBeUndefined();
  expect(pids).toHaveLength(1);
  expect(lines).toEqual([]);
});
