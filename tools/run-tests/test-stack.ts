import { cpSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { openHome, removeHome } from '../../infra/local/home.ts';
import { lockHome } from '../../infra/local/home-lock.ts';
import { endOrphans } from '../../infra/local/orphans.ts';
import { Stack } from '../../infra/local/stack.ts';
import { StateFile } from '../../infra/local/state.ts';
import { resultsFolder } from './result-files.ts';

const prefix = 'magistry-test-';

/** A stack in a home of its own, which `discard` removes again. */
export class TestStack {
  readonly stack: Stack;
  readonly #name: string;

  constructor(name: string, services: boolean) {
    this.#name = name;
    const home = mkdtempSync(join(tmpdir(), `${prefix}${name}-`));
    const report = (line: string) => console.log(line);
    // Where services run, they run under the very users that production has.
    this.stack = new Stack({ home, services, withTestUser: !services, report });
    this.stack.claim();
  }

  /** What NATS refused to the services: a table of services that lacks what their code does. */
  refusals(): string[] {
    const { logs } = this.stack.home;
    const lines = readdirSync(logs).flatMap((name) => readFileSync(join(logs, name), 'utf8').split('\n'));
    return lines.filter((line) => line.includes('NATS refuses a subject'));
  }

  async discard(keepLogs: boolean): Promise<void> {
    await this.stack.stop();
    if (keepLogs) {
      const kept = join(resultsFolder, 'logs', this.#name);
      cpSync(this.stack.home.logs, kept, { recursive: true });
      console.log(`  the logs of its processes are kept in .test-results/logs/${basename(kept)}`);
    }
    removeHome(this.stack.home);
  }
}

/** Removes the homes, and ends the processes, of test runs that were killed. */
export async function removeAbandonedHomes(): Promise<void> {
  const names = readdirSync(tmpdir()).filter((name) => name.startsWith(prefix));
  for (const name of names) {
    const home = openHome(join(tmpdir(), name));
    let release: () => void;
    try {
      release = lockHome(home);
    } catch {
      continue;
    }
    await endOrphans(new StateFile(home.state));
    removeHome(home);
    release();
  }
}
