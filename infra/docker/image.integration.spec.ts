import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { composeService, interpolate } from '../deployment/compose-file.fixture.ts';
import { openSecrets, removeHome, repository } from '../local/home.ts';
import { reserveGatewayPort } from '../local/ports.ts';
import { services } from '../local/services.ts';
import { Stack } from '../local/stack.ts';
import { assemble } from './assemble.ts';

const START_MS_MAX = 90_000;
const HEALTHY_MS_MAX = 30_000;
const run = promisify(execFile);
const node = join(repository, 'node_modules/node/bin/node');

let stack: Stack;
let folder: string;
let gatewayPort: number;
const running: ChildProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'magistry-test-image-'));
  stack = new Stack({ home: join(folder, 'home'), services: false });
  await stack.start();
  const reserved = await reserveGatewayPort('any');
  gatewayPort = reserved.port;
  await reserved.release();
}, START_MS_MAX);

afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await stack.stop();
  removeHome(stack.home);
  rmSync(folder, { recursive: true, force: true });
}, START_MS_MAX);

/** The environment that compose hands over, with this test's servers in place of compose's. */
function environmentOf(name: string): Record<string, string> {
  const secret = openSecrets(stack.home.secrets);
  const lookUp = (variable: string) => {
    if (variable === 'POSTGRES_PASSWORD') return new URL(stack.databaseAdminUrl).password;
    return /PASSWORD|SECRET|PEPPER/.test(variable) ? secret(variable) : undefined;
  };
  const servers = { 'postgres:5432': stack.databaseAdminUrl, 'nats:4222': stack.natsUrl };
  const moved = Object.entries(interpolate(composeService(name).environment, lookUp)).map(
    ([variable, value]) =>
      Object.entries(servers).reduce(
        ([key, text], [place, url]) => [key, text.replace(`@${place}`, `@${new URL(url).host}`)] as const,
        [variable, value] as const,
      ),
  );
  const local = {
    ...{ MAGISTRY_HOME: join(folder, 'migrate-home'), REDIS_URL: stack.redisUrl },
    ...{ HOST: '127.0.0.1', PORT: String(gatewayPort), METRICS_HOST: '127.0.0.1', METRICS_PORT: '0' },
  };
  const known = Object.fromEntries(moved);
  const replaced = Object.entries(local).filter(([variable]) => variable in known);
  return { ...known, ...Object.fromEntries(replaced), NODE_ENV: 'production' };
}

/** A folder with what the image holds, outside of the checkout so that nothing else is found. */
function imageOf(name: string): string {
  const image = join(folder, name);
  assemble(name, image);
  return image;
}

function startService(name: string): { image: string; log: () => string } {
  const image = imageOf(name);
  const options = { cwd: image, env: environmentOf(name) };
  const child = spawn(node, ['--enable-source-maps', `apps/${name}/dist/main.js`], options);
  running.push(child);
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
  }
  return { image, log: () => log };
}

function checkHealth(name: string, image: string) {
  const [, command = '', ...words] = composeService(name).healthcheck?.test ?? [];
  expect(command).toBe('node');
  const moved = words.map((word) => word.replace(':8080', `:${gatewayPort}`));
  return run(node, moved, { cwd: image, env: environmentOf(name) });
}

test(
  'the migrate image brings an empty database up to date, and finds nothing to do again',
  async () => {
    const image = imageOf('migrate');
    const migrate = () =>
      run(node, ['infra/postgres/migrate-command.ts'], { cwd: image, env: environmentOf('migrate') });
    expect((await migrate()).stdout).toContain('applied identity/');
    expect((await migrate()).stdout).toContain('nothing to apply');
  },
  START_MS_MAX,
);

test.each(services.map(({ name }) => name))(
  'the image of %s is all that it needs to start, to be healthy and to stop',
  async (name) => {
    const { image, log } = startService(name);
    const child = running.at(-1);
    const deadline = Date.now() + HEALTHY_MS_MAX;
    for (;;) {
      const fault = await checkHealth(name, image).then(
        () => undefined,
        (error: Error) => error,
      );
      if (fault === undefined) break;
      if (Date.now() > deadline) throw new Error(`${name} is not healthy: ${fault.message}\n${log()}`);
      await pause(100);
    }
    const ended = once(child as ChildProcess, 'exit');
    child?.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    await expect(checkHealth(name, image)).rejects.toThrow('Command failed');
  },
  START_MS_MAX,
);
