/** Longer than an orderly end takes; what hangs is cut off by the end of its connection, which comes after it. */
const END_MS_MAX = 5_000;

interface Leaving {
  readonly isOfTest: boolean;
  end(): Promise<unknown>;
}

const left = new Set<Leaving>();
let isInTest = false;
let isOver = false;

/**
 * Gives back `end`, once only, for the test to call. Where it does not come to that, it is called behind the test when
 * that has failed, and behind the last test of the file otherwise: nothing goes on answering in files that follow.
 */
export function endedInAnyCase<Result>(end: () => Promise<Result>): () => Promise<Result> {
  let ended: Promise<Result> | undefined;
  const once = () => {
    left.delete(leaving);
    ended ??= end();
    return ended;
  };
  const leaving = { end: once, isOfTest: isInTest };
  left.add(leaving);
  // A start that took longer than its test was given, or its file.
  if (isOver) void endAll();
  return once;
}

async function endAll(chosen: (leaving: Leaving) => boolean = () => true): Promise<void> {
  // What was started last stands on what was started before it. Its test has failed: its faults say nothing more.
  for (const leaving of [...left].reverse().filter(chosen)) {
    left.delete(leaving);
    await Promise.race([leaving.end().catch(() => undefined), pause(END_MS_MAX)]);
  }
}

function pause(waitMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, waitMs).unref());
}

/** Told by `tools/run-tests/jest-environment.ts`, whose turn is behind the hooks that files have themselves. */
Object.assign(globalThis, {
  magistryLeavings: {
    testBegins: () => {
      isInTest = true;
    },
    testEnds: async (hasFailed: boolean) => {
      isInTest = false;
      if (hasFailed) await endAll(({ isOfTest }) => isOfTest);
    },
    fileEnds: () => {
      isOver = true;
      return endAll();
    },
  },
});
