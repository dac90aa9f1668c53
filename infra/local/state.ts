import { readJson, writePrivateJson } from './atomic-file.ts';
import { identify, type ProcessIdentity } from './process-identity.ts';
import type { ProcessSettings } from './supervised-process.ts';

export type RunningProcess = ProcessIdentity & Pick<ProcessSettings, 'role' | 'stopSignal'>;

/** What `state.json` remembers of a home: its ports, its running processes, whom it was seeded for. */
export interface HomeState {
  gatewayUrl?: string;
  seededDatabase?: string;
  ports: Record<string, number>;
  processes: Record<string, RunningProcess>;
}

export function readState(path: string): HomeState {
  const stored = (readJson(path) ?? {}) as Partial<HomeState>;
  return { ...stored, ports: stored.ports ?? {}, processes: stored.processes ?? {} };
}

/** Keeps `state.json` up to date; every change is on disk before the call returns. */
export class StateFile {
  readonly #path: string;
  readonly #state: HomeState;

  constructor(path: string) {
    this.#path = path;
    this.#state = readState(path);
  }

  get current(): Readonly<HomeState> {
    return this.#state;
  }

  remember(change: Partial<Pick<HomeState, 'gatewayUrl' | 'seededDatabase'>>): void {
    Object.assign(this.#state, change);
    this.#save();
  }

  rememberPort(name: string, port: number): void {
    this.#state.ports[name] = port;
    this.#save();
  }

  started({ name, role, stopSignal }: ProcessSettings, pid: number): void {
    const identity = identify(pid);
    if (identity !== undefined) this.rememberProcess(name, { ...identity, role, stopSignal });
  }

  rememberProcess(name: string, process: RunningProcess): void {
    this.#state.processes[name] = process;
    this.#save();
  }

  ended(name: string): void {
    delete this.#state.processes[name];
    this.#save();
  }

  #save(): void {
    writePrivateJson(this.#path, this.#state);
  }
}
