import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually.fixture.js';
import type { Credentials } from './system.fixture.js';

const START_MS_MAX = 180_000;
const STOP_MS_MAX = 30_000;

/** `npm start` in a checkout, as a terminal runs it. */
export class NpmStart {
  private output = '';

  private constructor(
    private readonly child: ChildProcess,
    private readonly home: string,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
  }

  /** Settles once it says that it is ready. */
  static async run(checkout: string, settings: NodeJS.ProcessEnv = {}): Promise<NpmStart> {
    const { MAGISTRY_HOME: home = join(checkout, '.magistry') } = settings;
    const environment = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...settings };
    const child = spawn('npm', ['start'], {
      cwd: checkout,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const started = new NpmStart(child, home);
    await eventually(START_MS_MAX, () => {
      if (!started.output.includes('Magistry is ready on ')) started.explain('is not ready');
    });
    return started;
  }

  get credentials(): Credentials {
    return JSON.parse(readFileSync(join(this.home, 'credentials.json'), 'utf8'));
  }

  /** As a service manager stops it; its exit code. */
  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    await eventually(STOP_MS_MAX, () => {
      if (this.child.exitCode === null && this.child.signalCode === null) this.explain('does not stop');
    });
    return this.child.exitCode;
  }

  private explain(what: string): never {
    throw new Error(`npm start ${what}. It said:\n${this.output}`);
  }
}
