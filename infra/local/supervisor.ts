import { join } from 'node:path';
import type { Home } from './home.ts';
import { rotateLargeLog } from './log-tail.ts';
import type { StateFile } from './state.ts';
import {
  type ProcessObserver,
  type ProcessSettings,
  type RestartPolicy,
  SupervisedProcess,
} from './supervised-process.ts';

/** All processes of one home: starts them, knows them by name, stops them in order. */
export class Supervisor {
  readonly #logs: string;
  readonly #policy: RestartPolicy;
  readonly #observer: ProcessObserver;
  readonly #processes = new Map<string, SupervisedProcess>();
  readonly #onExit = () => this.#signalAll();
  #stopping = false;

  constructor(home: Home, state: StateFile, policy: RestartPolicy, report: (line: string) => void) {
    this.#logs = home.logs;
    this.#policy = policy;
    this.#observer = {
      started: (settings, pid) => state.started(settings, pid),
      ended: (settings) => state.ended(settings.name),
      report,
    };
    process.once('exit', this.#onExit);
  }

  async start(settings: ProcessSettings): Promise<SupervisedProcess> {
    if (this.#stopping) throw new Error(`${settings.name} is not started: everything is being stopped.`);
    if (this.#processes.has(settings.name)) throw new Error(`${settings.name} is already started.`);
    rotateLargeLog(join(this.#logs, `${settings.name}.log`));
    const supervised = new SupervisedProcess(settings, this.#logs, this.#policy, this.#observer);
    this.#processes.set(settings.name, supervised);
    await supervised.start();
    return supervised;
  }

  /** Undefined while it is between an end and its restart. */
  pid(name: string): number | undefined {
    return this.#find(name).pid;
  }

  /** Sends a signal; a process that ends of it is restarted. */
  kill(name: string, signal: NodeJS.Signals): void {
    this.#find(name).kill(signal);
  }

  /** Stops one process for good. */
  async end(name: string): Promise<void> {
    await this.#find(name).stop();
    this.#processes.delete(name);
  }

  /** Services together, then the servers, last started first. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const all = [...this.#processes.values()];
    await Promise.all(all.filter(({ settings }) => settings.role === 'service').map((one) => one.stop()));
    const serversLastFirst = all.filter(({ settings }) => settings.role === 'server').reverse();
    for (const server of serversLastFirst) await server.stop();
    process.off('exit', this.#onExit);
  }

  force(): void {
    for (const supervised of this.#processes.values()) supervised.force();
  }

  #find(name: string): SupervisedProcess {
    const supervised = this.#processes.get(name);
    if (supervised !== undefined) return supervised;
    throw new Error(`no process is called ${name}. There are: ${[...this.#processes.keys()].join(', ')}.`);
  }

  // The last resort when this process ends without having stopped them.
  #signalAll(): void {
    for (const supervised of this.#processes.values()) supervised.kill(supervised.settings.stopSignal);
  }
}
