import type { LivePages } from '@magistry/messaging';
import { logNameOf, type Run, type RunRecord } from '../domain/run.js';

/** What was told in vain, because NATS was away or its teller died, is seen this much later. */
const LOOK_EVERY_MS = 1_000;

type Key = Pick<Run, 'workspaceId' | 'id'>;
type Find = (workspaceId: number, id: string) => Promise<RunRecord | undefined>;

/** Waits for runs to end, wherever they are executed. */
export class RunEnds {
  constructor(private readonly livePages: LivePages) {}

  /** The run as it ended, or as it stands when the signal aborts. `find` reads it. */
  async untilEnded(key: Key, find: Find, signal: AbortSignal): Promise<RunRecord> {
    let wake = () => {};
    const stop = this.livePages.listen(logNameOf(key), ({ isEnded }) => isEnded && wake());
    signal.addEventListener('abort', () => wake());
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
    }
  }
}

function elapsed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
