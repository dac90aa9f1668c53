import type { LivePages } from '@magistry/messaging';
import { logNameOf, type Run, type RunRecord } from '../domain/run.js';

/** What was told in vain, because NATS was away or its teller died, is seen this much later. */
const LOOK_EVERY_MS = 1_000;

type Key = Pick<Run, 'workspaceId' | 'id'>;
type Find = (workspaceId: number, id: string) => Promise<RunRecord | undefined>;

/** Waits for runs to end, wherever they are executed. */
export class RunEnds {
  private readonly here = new Map<string, Promise<RunRecord | undefined>>();

  constructor(private readonly livePages: LivePages) {}

  /** A run that this process executes; the promise tells how it ended, or nothing where it is not executed here. */
  endsHere(name: string, ended: Promise<RunRecord | undefined>): void {
    this.here.set(name, ended);
    void ended.finally(() => {
      if (this.here.get(name) === ended) this.here.delete(name);
    });
  }

  /** The run as it ended, or as it stands when the signal aborts. `find` reads it. */
  async untilEnded(key: Key, find: Find, signal: AbortSignal): Promise<RunRecord> {
    const endedHere = await firstOf(this.here.get(logNameOf(key)), signal);
    if (endedHere) return endedHere;
    let wake = () => {};
    const stop = this.livePages.listen(logNameOf(key), ({ isEnded }) => isEnded && wake());
    // The signal may live as long as the process.
    const leave = () => wake();
    signal.addEventListener('abort', leave);
    try {
      for (;;) {
        const told = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const run = await find(key.workspaceId, key.id);
        if (!run) throw new Error(`the run ${key.id} is gone`);
        if (run.status !== 'running' || signal.aborted) return run;
        await Promise.race([told, elapsed(LOOK_EVERY_MS)]);
      }
    } finally {
      stop();
      signal.removeEventListener('abort', leave);
    }
  }
}

/** What the promise gives, or nothing once the signal aborts. */
async function firstOf<Value>(
  promise: Promise<Value> | undefined,
  signal: AbortSignal,
): Promise<Value | undefined> {
  if (promise === undefined || signal.aborted) return undefined;
  let leave = () => {};
  const left = new Promise<undefined>((resolve) => {
    leave = () => resolve(undefined);
  });
  signal.addEventListener('abort', leave);
  try {
    return await Promise.race([promise, left]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

function elapsed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
