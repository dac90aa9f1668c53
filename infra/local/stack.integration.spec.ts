import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connectNats } from '@magistry/messaging';
import { Client } from 'pg';
import { removeHome } from './home.ts';
import { identify, isRunning } from './process-identity.ts';
import { Stack } from './stack.ts';
import { StateFile } from './state.ts';

let folder: string;
let stacks: Stack[];

async function startStack(): Promise<Stack> {
  const stack = new Stack({ home: folder, services: false });
  stacks.push(stack);
  await stack.start();
  return stack;
}

async function queryUntilAnswered(url: string, sql: string): Promise<unknown[]> {
  for (;;) {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query(sql)).rows;
    } catch {
      await pause(20);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'magistry-test-stack-'));
  stacks = [];
});

afterEach(async () => {
  for (const stack of stacks) await stack.stop();
  for (const stack of stacks) {
    removeHome(stack.home);
    rmSync(`${stack.home.postgres}.replaced`, { recursive: true, force: true });
  }
});

it('brings Postgres back after kill -9, with everything that was committed', async () => {
  const stack = await startStack();
  const url = stack.databaseAdminUrl;
  await queryUntilAnswered(url, 'CREATE TABLE kept (id int)');
  for (let kill = 1; kill <= 3; kill += 1) {
    await queryUntilAnswered(url, `INSERT INTO kept VALUES (${kill})`);
    const before = stack.processes.pid('postgres');
    stack.processes.kill('postgres', 'SIGKILL');
    while (stack.processes.pid('postgres') === before) await pause(5);
    expect(await queryUntilAnswered(url, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: kill }]);
  }
});

it('keeps data, ports and secrets from one start to the next', async () => {
  const first = await startStack();
  await queryUntilAnswered(first.databaseAdminUrl, 'CREATE TABLE kept (id int)');
  await first.stop();
  const second = await startStack();
  expect(second.databaseAdminUrl).toBe(first.databaseAdminUrl);
  expect(second.natsUrl).toBe(first.natsUrl);
  expect(await queryUntilAnswered(second.databaseAdminUrl, 'SELECT * FROM kept')).toEqual([]);
  expect(statSync(second.home.secrets).mode & 0o777).toBe(0o600);
});

it("hands the operator's command its own user of NATS, readable by the owner of the home alone", async () => {
  const { home } = await startStack();
  const { nats_url } = JSON.parse(readFileSync(home.operator, 'utf8'));
  expect(new URL(nats_url).username).toBe('operator');
  expect(statSync(home.operator).mode & 0o777).toBe(0o600);
  const connection = await connectNats({ url: nats_url, service: 'operator' });
  await connection.close();
});

it('refuses a second start on the same home', async () => {
  await startStack();
  await expect(startStack()).rejects.toThrow(`already running in ${folder}`);
});

it('ends what a killed start left, and nothing whose pid was reused', async () => {
  const sleepers = [1, 2].map(() => spawn('sleep', ['60'], { detached: true, stdio: 'ignore' }));
  const [orphan, stranger] = sleepers.map(({ pid }) => identify(pid ?? 0));
  if (!orphan || !stranger) throw new Error('sleep did not start');
  const stack = new Stack({ home: folder, services: false });
  stacks.push(stack);
  const state = new StateFile(stack.home.state);
  const settings = { role: 'service', stopSignal: 'SIGTERM' } as const;
  state.rememberProcess('decisions', { ...orphan, ...settings });
  state.rememberProcess('identity', { ...stranger, startedAt: 'another boot:1', ...settings });
  await stack.start();
  expect(isRunning(orphan)).toBe(false);
  expect(isRunning(stranger)).toBe(true);
  process.kill(stranger.pid);
});

it('begins anew when the home was removed, also where the data lies outside of it', async () => {
  const first = await startStack();
  await queryUntilAnswered(first.databaseAdminUrl, 'CREATE TABLE gone (id int)');
  await first.stop();
  rmSync(folder, { recursive: true });
  const second = await startStack();
  const rows = await queryUntilAnswered(second.databaseAdminUrl, `SELECT to_regclass('gone') AS gone`);
  expect(rows).toEqual([{ gone: null }]);
});
