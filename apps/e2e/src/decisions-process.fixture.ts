import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { join } from 'node:path';
import { openSecrets } from '../../../infra/local/home.ts';
import { serviceProcess, services } from '../../../infra/local/services.ts';
import { natsUrlFor } from '../../../infra/nats/connection-url.ts';
import { eventually } from './eventually.fixture.js';
import type { RunningSystem } from './system.fixture.js';

const START_MS_MAX = 15_000;
const END_MS_MAX = 10_000;

/** One more process of the decisions service beside the supervised one, with the same environment. */
export class DecisionsProcess {
  private log = '';

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => {
      this.log += chunk.toString();
    });
  }

  static async start(system: RunningSystem): Promise<DecisionsProcess> {
    const service = services.find(({ name }) => name === 'decisions');
    if (service === undefined) throw new Error('there is no service decisions');
    const secret = openSecrets(join(system.home, 'secrets.json'));
    const { command, words, environment, folder } = serviceProcess(service, {
      natsUrlFor: natsUrlFor(system.natsUrl, secret),
      databaseUrl: system.databaseUrl,
      redisUrl: '',
      gatewayPort: 0,
      gatewayUrl: system.gatewayUrl,
      secret,
    });
    const stdio: StdioOptions = ['ignore', 'pipe', 'inherit'];
    const started = new DecisionsProcess(spawn(command, words, { cwd: folder, env: environment, stdio }));
    await eventually(START_MS_MAX, () => started.requireLine('ready'));
    return started;
  }

  /** The shards it has taken so far. */
  get shards(): number[] {
    return this.lines()
      .filter((line) => line['msg'] === 'writing the shard')
      .map((line) => line['shard'] as number)
      .sort();
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await eventually(END_MS_MAX, () => {
      if (this.child.exitCode === null && this.child.signalCode === null) throw new Error('it does not end');
    });
  }

  private requireLine(message: string): void {
    if (this.lines().some((line) => line['msg'] === message)) return;
    throw new Error(`the second decisions process is not ready: ${this.log}`);
  }

  private lines(): Record<string, unknown>[] {
    return this.log
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line));
  }
}
