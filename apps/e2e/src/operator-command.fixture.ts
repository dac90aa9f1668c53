import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { repository } from '../../../infra/local/home.ts';
import type { RunningSystem } from './system.fixture.js';

const END_MS_MAX = 25_000;

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the command prints
  readonly json: any;
}

/** The operator's command as npm links it, in a process of its own. */
export class OperatorCommand {
  constructor(private readonly system: RunningSystem) {}

  /** With `--json`, whose output is parsed when the command is done well. */
  async json(...words: string[]): Promise<Ended> {
    const ended = await this.run(['--json', ...words]);
    return { ...ended, json: JSON.parse(ended.stdout || ended.stderr) };
  }

  text(...words: string[]): Promise<Ended> {
    return this.run(words);
  }

  /** `interrupted`: Ctrl-C is pressed then. */
  run(
    words: string[],
    surroundings: { environment?: object; interrupted?: Promise<unknown> } = {},
  ): Promise<Ended> {
    const environment = { ...process.env, MAGISTRY_HOME: this.system.home, ...surroundings.environment };
    const child = spawn(join(repository, 'node_modules/.bin/magistry'), words, {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: END_MS_MAX,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    void surroundings.interrupted?.then(() => child.kill('SIGINT'));
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr, json: undefined }));
    });
  }
}
