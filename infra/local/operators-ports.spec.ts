import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { operatorsUrls, withOperatorsPort } from './operators-ports.ts';
import { StateFile } from './state.ts';
import type { ProcessSettings } from './supervised-process.ts';

let folder: string;
let state: StateFile;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'magistry-operators-'));
  state = new StateFile(join(folder, 'state.json'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function settings(name: string): ProcessSettings {
  return {
    ...{ name, role: 'service', command: 'true', words: [], environment: {}, folder },
    ...{ stopSignal: 'SIGTERM', forceSignal: 'SIGKILL', stopTimeoutMs: 1_000 },
  };
}

/** The port that the process is told at its next start. */
async function portOf(process: ProcessSettings): Promise<number> {
  await process.prepare?.();
  return Number(process.environment['METRICS_PORT']);
}

test('a process keeps its port from one start to the next, and no two share one', async () => {
  const port = await portOf(withOperatorsPort(settings('decisions'), state));
  expect(await portOf(withOperatorsPort(settings('decisions'), state))).toBe(port);
  expect(await portOf(withOperatorsPort(settings('decisions-2'), state))).not.toBe(port);
});

test('a restart takes another port when somebody has taken it meanwhile', async () => {
  const process = withOperatorsPort(settings('decisions'), state);
  const port = await portOf(process);
  const thief = createServer().listen(port, '127.0.0.1');
  await new Promise((resolve) => thief.once('listening', resolve));
  const next = await portOf(process);
  expect(next).not.toBe(port);
  expect(state.current.ports['operators of decisions']).toBe(next);
  await new Promise((resolve) => thief.close(resolve));
});

test('only what runs is shown', async () => {
  const port = await portOf(withOperatorsPort(settings('decisions'), state));
  await portOf(withOperatorsPort(settings('planner'), state));
  state.started(settings('decisions'), process.pid);
  expect(operatorsUrls(state.current)).toEqual({ decisions: `http://127.0.0.1:${port}` });
});
