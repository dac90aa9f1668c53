import type { RunEvent } from '../domain/run-event.js';

/** What one answer of a model asks for is done at once, so many calls at a time. */
const AT_ONCE_MAX = 8;

/** A tool call or delegation that is journaled: what comes of it, as its entry. Ends with the signal. */
export type BegunCall = (signal: AbortSignal) => Promise<RunEvent>;

/**
 * Carries begun calls out side by side. Their results are added in the order of the calls, whichever is quicker: the
 * log of a run is the same each time, and after every crash; one that has to wait for its turn is handed to `keep`.
 * Where one cannot be carried on, all are stopped.
 */
export async function carryOut(
  begun: readonly BegunCall[],
  add: (event: RunEvent) => Promise<void>,
  stopped: AbortSignal,
  keep: (event: RunEvent) => Promise<void> = async () => undefined,
): Promise<void> {
  const failing = new AbortController();
  const signal = AbortSignal.any([stopped, failing.signal]);
  const results = begun.map(() => Promise.withResolvers<RunEvent>());
  const waiting = [...begun.entries()];
  let told = 0;
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, call] = next;
      signal.throwIfAborted();
      const event = await call(signal);
      signal.throwIfAborted();
      if (index > told) await keep(event);
      results[index]?.resolve(event);
    }
  };
  const workers = Array.from({ length: Math.min(AT_ONCE_MAX, begun.length) }, () =>
    work().catch((error) => {
      failing.abort(error);
      for (const { reject } of results) reject(error);
    }),
  );
  for (const { promise } of results) promise.catch(() => undefined);
  try {
    for (const { promise } of results) {
      await add(await promise);
      told += 1;
    }
  } catch (error) {
    failing.abort(error);
    throw error;
  } finally {
    await Promise.all(workers);
  }
}
