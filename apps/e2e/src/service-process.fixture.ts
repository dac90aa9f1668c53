import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { endedInAnyCase } from '@magistry/testing';
import { openSecrets } from '../../../infra/local/home.ts';
import { serviceProcess, services } from '../../../infra/local/services.ts';
import { natsUrlFor } from '../../../infra/nats/connection-url.ts';
import { eventually } from './eventually.fixture.js';
import type { RunningSystem } from './system.fixture.js';

const START_MS_MAX = 15_000;
const END_MS_MAX = 15_000;

/** One more process of a service beside the supervised one, with the same environment. */
export class ServiceProcess {
  private log = '';

  private constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
  ) {
    child.stdout?.on('data', (chunk: Buffer) => {
      this.log += chunk.toString();
    });
  }

  /** `natsUrl` is the system's unless it shall reach it another way. One that is not ready in time is killed. */
  static async start(
    system: RunningSystem,
    name: string,
    natsUrl = system.natsUrl,
    startMsMax = START_MS_MAX,
  ): Promise<ServiceProcess> {
    const service = services.find((known) => known.name === name);
    if (service === undefined) throw new Error(`there is no service ${name}`);
    const secret = openSecrets(join(system.home, 'secrets.json'));
    const { command, words, environment, folder } = serviceProcess(service, {
      natsUrlFor: natsUrlFor(natsUrl, secret),
      databaseUrl: system.databaseUrl,
      redisUrl: system.redisUrl,
      gatewayPort: 0,
      gatewayUrl: system.gatewayUrl,
      secret,
    });
    const stdio: StdioOptions = ['ignore', 'pipe', 'inherit'];
    const child = spawn(command, words, { cwd: folder, env: environment, stdio });
    const started = new ServiceProcess(name, child);
    const kill = endedInAnyCase(() => started.kill());
    try {
      await eventually(startMsMax, () => started.line('ready'));
    } catch (error) {
      await kill();
      throw error;
    }
    return started;
  }

  /** The first line of its log with this message; throws while there is none. */
  line(message: string): Record<string, unknown> {
    const [found] = this.lines(message);
    if (!found) throw new Error(`the second process of ${this.name} has not said "${message}": ${this.log}`);
    return found;
  }

  lines(message: string): Record<string, unknown>[] {
    return this.log
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line))
      .filter((line) => line['msg'] === message);
  }

  /** Where a gateway listens. */
  get url(): string {
    return String(this.line('ready')['url']);
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
}
