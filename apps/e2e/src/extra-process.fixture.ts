import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { openSecrets } from '../../../infra/local/home.ts';
import { serviceProcess, services } from '../../../infra/local/services.ts';
import { eventually } from './eventually.fixture.js';
import type { RunningSystem } from './system.fixture.js';

const START_MS_MAX = 15_000;
const END_MS_MAX = 10_000;

/** One more process of a service beside the supervised one, with the same environment; nobody restarts it. */
export class ExtraProcess {
  private log = '';

  private constructor(
    private readonly service: string,
    private readonly child: ChildProcess,
  ) {
    child.stdout?.on('data', (chunk: Buffer) => {
      this.log += chunk.toString();
    });
  }

  /** A gateway takes any free port. */
  static async start(system: RunningSystem, name: string): Promise<ExtraProcess> {
    const service = services.find((known) => known.name === name);
    if (service === undefined) throw new Error(`there is no service ${name}`);
    const { command, words, environment, folder } = serviceProcess(service, {
      natsUrl: system.natsUrl,
      databaseUrl: system.databaseUrl,
      redisUrl: system.redisUrl,
      gatewayPort: 0,
      gatewayUrl: system.gatewayUrl,
      secret: openSecrets(join(system.home, 'secrets.json')),
    });
    const stdio: StdioOptions = ['ignore', 'pipe', 'inherit'];
    const started = new ExtraProcess(name, spawn(command, words, { cwd: folder, env: environment, stdio }));
    await eventually(START_MS_MAX, () => started.requireReady());
    return started;
  }

  /** The shards that a decisions process has taken so far. */
  get shards(): number[] {
    return this.lines()
      .filter(({ msg }) => msg === 'writing the shard')
      .map(({ shard }) => shard as number)
      .sort();
  }

  /** Where a gateway listens. */
  get url(): string {
    return String(this.requireReady()['url']);
  }

  async kill(): Promise<void> {
    if (this.hasEnded) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await eventually(END_MS_MAX, () => {
      if (!this.hasEnded) throw new Error('it does not end');
    });
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private requireReady(): Record<string, unknown> {
    const ready = this.lines().find(({ msg }) => msg === 'ready');
    if (!ready) throw new Error(`the second ${this.service} process is not ready: ${this.log}`);
    return ready;
  }

  private lines(): Record<string, unknown>[] {
    return this.log
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line));
  }
}
