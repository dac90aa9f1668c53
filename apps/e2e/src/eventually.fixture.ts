import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 25;

/** What `attempt` gives once it no longer throws; its last error when that takes longer than `timeoutMs`. */
export async function eventually<Result>(
  timeoutMs: number,
  attempt: () => Result | Promise<Result>,
): Promise<Result> {
  const deadline = performance.now() + timeoutMs;
  while (true) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await pause(POLL_MS);
  }
}
