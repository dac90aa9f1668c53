import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Home, openHome, removeHome } from './home.ts';
import { lockHome } from './home-lock.ts';
import { identify, isRunning } from './process-identity.ts';

let home: Home;

beforeEach(() => {
  home = openHome(mkdtempSync(join(tmpdir(), 'home-lock-')));
});

afterEach(() => removeHome(home));

it('refuses a second starter, and lets it in after the first has gone', () => {
  const release = lockHome(home);
  expect(() => lockHome(home)).toThrow(`already running in ${home.folder} (pid ${process.pid})`);
  release();
  lockHome(home)();
  expect(existsSync(home.lock)).toBe(false);
});

it('takes over the lock of a process that is gone, also when its pid was reused', () => {
  writeFileSync(home.lock, JSON.stringify({ pid: process.pid, startedAt: 'another boot:1' }));
  lockHome(home);
  expect(() => lockHome(home)).toThrow('already running');
  expect(readdirSync(home.folder).filter((name) => name.startsWith('supervisor.lock'))).toHaveLength(1);
});

it('knows a process by its start, and an ended one as ended', () => {
  const mine = identify(process.pid);
  expect(mine !== undefined && isRunning(mine)).toBe(true);
  expect(mine !== undefined && isRunning({ ...mine, startedAt: 'another boot:1' })).toBe(false);
  expect(identify(spawnSync('true').pid)).toBeUndefined();
});
