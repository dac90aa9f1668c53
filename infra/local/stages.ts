export type RunStage = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** Prints one line a stage with its time. */
export const printStage: RunStage = async (name, work) => {
  const startedAt = performance.now();
  try {
    const result = await work();
    console.log(`✓ ${name} ${secondsSince(startedAt)} s`);
    return result;
  } catch (error) {
    console.log(`✗ ${name} ${secondsSince(startedAt)} s`);
    throw error;
  }
};

export const silentStage: RunStage = (_name, work) => work();

export function secondsSince(startedAtMs: number): string {
  return ((performance.now() - startedAtMs) / 1000).toFixed(1);
}
