import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readLogTail } from './log-tail.ts';

export interface ProcessSettings {
  name: string;
  /** Services stop before the servers they need. */
  role: 'service' | 'server';
  command: string;
  words: readonly string[];
  environment: NodeJS.ProcessEnv;
  folder: string;
  account?: { uid: number; gid: number };
  stopSignal: NodeJS.Signals;
  forceSignal: NodeJS.Signals;
  stopTimeoutMs: number;
  /** Runs before every start, the restarts too. */
  prepare?: () => Promise<void>;
}

export interface RestartPolicy {
  firstDelayMs: number;
  longestDelayMs: number;
  healthyAfterMs: number;
}

export interface ProcessObserver {
  started(settings: ProcessSettings, pid: number): void;
  ended(settings: ProcessSettings): void;
  report(line: string): void;
}

const failuresBeforeLog = 5;

/** Keeps one child process running until it is told to stop. */
export class SupervisedProcess {
  readonly settings: ProcessSettings;
  readonly logPath: string;
  readonly #policy: RestartPolicy;
  readonly #observer: ProcessObserver;
  #wanted = false;
  #child: ChildProcess | undefined;
  #startedAtMs = 0;
  #failuresInARow = 0;
  #restartTimer: NodeJS.Timeout | undefined;
  #launch: Promise<void> = Promise.resolve();

  constructor(settings: ProcessSettings, logs: string, policy: RestartPolicy, observer: ProcessObserver) {
    this.settings = settings;
    this.logPath = join(logs, `${settings.name}.log`);
    this.#policy = policy;
    this.#observer = observer;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get failuresInARow(): number {
    return this.#failuresInARow;
  }

  async start(): Promise<void> {
    this.#wanted = true;
    this.#launch = this.#prepareAndSpawn();
    await this.#launch;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Asks it to stop, and forces it when its time is over. */
  async stop(): Promise<void> {
    this.#wanted = false;
    clearTimeout(this.#restartTimer);
    await this.#launch;
    const child = this.#child;
    if (child?.pid === undefined) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(this.settings.stopSignal);
    const timer = setTimeout(() => this.force(), this.settings.stopTimeoutMs);
    await ended;
    clearTimeout(timer);
  }

  force(): void {
    this.#wanted = false;
    clearTimeout(this.#restartTimer);
    this.#child?.kill(this.settings.forceSignal);
  }

  async #prepareAndSpawn(): Promise<void> {
    this.#startedAtMs = Date.now();
    try {
      await this.settings.prepare?.();
    } catch (error) {
      this.#scheduleRestart((error as Error).message);
      return;
    }
    if (this.#wanted) this.#spawn();
  }

  // Detached: Ctrl-C in the terminal must reach the supervisor alone, which then stops all in order.
  #spawn(): void {
    const { command, words, environment, folder, account } = this.settings;
    const log = openSync(this.logPath, 'a', 0o600);
    const child = spawn(command, words, {
      cwd: folder,
      env: environment,
      detached: true,
      stdio: ['ignore', log, log],
      ...account,
    });
    closeSync(log);
    this.#child = child;
    child.once('error', (error) => {
      if (child.pid === undefined) this.#onEnd(error.message);
    });
    child.once('exit', (code, signal) => this.#onEnd(signal ? `signal ${signal}` : `exit code ${code}`));
    if (child.pid !== undefined) this.#observer.started(this.settings, child.pid);
  }

  #onEnd(cause: string): void {
    this.#child = undefined;
    this.#observer.ended(this.settings);
    if (this.#wanted) this.#scheduleRestart(cause);
  }

  #scheduleRestart(cause: string): void {
    if (!this.#wanted) return;
    if (Date.now() - this.#startedAtMs >= this.#policy.healthyAfterMs) this.#failuresInARow = 0;
    const delayMs = Math.min(
      this.#policy.firstDelayMs * 2 ** this.#failuresInARow,
      this.#policy.longestDelayMs,
    );
    this.#failuresInARow += 1;
    const { name } = this.settings;
    this.#observer.report(`! ${name} ended (${cause}), restarting in ${delayMs / 1000} s`);
    if (this.#failuresInARow % failuresBeforeLog === 0) {
      const place = `${dirname(this.logPath)}/${name}.log`;
      this.#observer.report(`! ${name} failed ${this.#failuresInARow} times in a row; end of ${place}:`);
      this.#observer.report(readLogTail(this.logPath));
    }
    this.#restartTimer = setTimeout(() => {
      this.#launch = this.#prepareAndSpawn();
    }, delayMs);
  }
}
