import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 5;
const WAIT_MS_MAX = 10_000;

/** Waits until it is so; throws what did not come about after 10 s. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const startedAt = performance.now();
  while (!(await isSo())) {
    if (performance.now() - startedAt > WAIT_MS_MAX) throw new Error(`in vain was waited for: ${what}`);
    await pause(LOOK_EVERY_MS);
  }
}
