import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 5;
const WAIT_MS_MAX = 10_000;

/** Waits until it is so; throws what did not come about in time. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  waitMs = WAIT_MS_MAX,
): Promise<void> {
  const startedAt = performance.now();
  while (!(await isSo())) {
    if (performance.now() - startedAt > waitMs) throw new Error(`in vain was waited for: ${what}`);
    await pause(LOOK_EVERY_MS);
  }
}
