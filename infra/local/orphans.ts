import { endProcess } from './process-identity.ts';
import type { StateFile } from './state.ts';

const endTimeoutMs = 10_000;

/** Ends what a starter killed with -9 left behind, services first; returns their names. */
export async function endOrphans(state: StateFile): Promise<string[]> {
  const orphans = Object.entries(state.current.processes);
  for (const role of ['service', 'server']) {
    const inRole = orphans.filter(([, process]) => process.role === role);
    await Promise.all(
      inRole.map(async ([name, process]) => {
        await endProcess(process, process.stopSignal, endTimeoutMs);
        state.ended(name);
      }),
    );
  }
  return orphans.map(([name]) => name);
}
