import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually.fixture.js';
import { memoryBytes, processId, type RunningSystem } from './system.fixture.js';

const OPEN_MS_MAX = 10_000;
const LISTENING = /Debugger listening on (ws:\S+)/g;
const MEASURED = '({ heap: process.memoryUsage().heapUsed, external: process.memoryUsage().external })';
const CLOSE = `process.getBuiltinModule('node:inspector').close()`;

/** What a process holds once everything that nobody refers to is collected, in bytes. */
export interface HeldMemory {
  readonly heap: number;
  /** Buffers, outside of the heap. */
  readonly external: number;
  /** Before the collection, as the operating system counts it: with the garbage that V8 had let lie. */
  readonly resident: number;
}

interface Reply {
  readonly id?: number;
  readonly result?: { readonly result?: { readonly value?: unknown } };
  readonly error?: { readonly message: string };
}

/** The heap of a running process, looked at through Node's own inspector: the process needs no code for it. */
export class LiveHeap {
  private asked = 0;
  private readonly waiting = new Map<number, (reply: Reply) => void>();

  private constructor(
    private readonly socket: WebSocket,
    private readonly residentBytes: () => number,
  ) {
    socket.addEventListener('message', ({ data }) => {
      const reply: Reply = JSON.parse(String(data));
      this.waiting.get(reply.id ?? 0)?.(reply);
      this.waiting.delete(reply.id ?? 0);
    });
  }

  static async open(system: RunningSystem, name: string): Promise<LiveHeap> {
    const told = () =>
      [...readFileSync(join(system.home, 'logs', `${name}.log`), 'utf8').matchAll(LISTENING)].map(
        ([, url]) => url,
      );
    const before = told().length;
    process.kill(processId(system, name), 'SIGUSR1');
    const url = await eventually(OPEN_MS_MAX, () => {
      const newest = told()[before];
      if (newest === undefined) throw new Error(`${name} has opened no inspector`);
      return newest;
    });
    const socket = new WebSocket(url);
    await once(socket, 'open');
    return new LiveHeap(socket, () => memoryBytes(system, name));
  }

  /** Collects twice: what finalizers let go of goes with the second one. */
  async held(): Promise<HeldMemory> {
    const resident = this.residentBytes();
    await this.ask('HeapProfiler.collectGarbage');
    await this.ask('HeapProfiler.collectGarbage');
    const { result } = await this.ask('Runtime.evaluate', { expression: MEASURED, returnByValue: true });
    return { ...(result?.result?.value as Omit<HeldMemory, 'resident'>), resident };
  }

  /** The inspector's port too: the process goes on as if nobody had looked. */
  async close(): Promise<void> {
    const closed = once(this.socket, 'close');
    this.send('Runtime.evaluate', { expression: CLOSE });
    await closed;
  }

  private async ask(method: string, params: object = {}): Promise<Reply> {
    const { promise, resolve } = Promise.withResolvers<Reply>();
    this.waiting.set(this.send(method, params), resolve);
    const reply = await promise;
    if (reply.error) throw new Error(`${method}: ${reply.error.message}`);
    return reply;
  }

  private send(method: string, params: object): number {
    this.asked += 1;
    this.socket.send(JSON.stringify({ id: this.asked, method, params }));
    return this.asked;
  }
}
