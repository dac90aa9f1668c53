import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeHome } from '../../infra/local/home.ts';
import { Stack } from '../../infra/local/stack.ts';
import { printStage } from '../../infra/local/stages.ts';
import type { Series } from './rounds.ts';

export interface BenchOptions {
  readonly seed: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly report: (line: string) => void;
  /** Ends a measurement that was interrupted. */
  readonly signal: AbortSignal;
}

/** One row of promises.md: ours against its yardsticks, measured in turn in one run. */
export interface Bench {
  readonly id: string;
  measure(options: BenchOptions): Promise<Comparison[]>;
}

export interface Comparison {
  readonly id: string;
  readonly what: string;
  readonly ours: Series;
  readonly yardstick: Series;
  /** Ours must reach this many times the yardstick; undefined where the promise is in `remark` alone. */
  readonly promised?: number;
  /** What else was promised, measured in the same samples. */
  readonly remark?: string;
}

/** Runs `work` on servers of its own in a fresh home, and removes both. */
export async function withInfrastructure<Result>(
  options: BenchOptions & { services: boolean },
  work: (stack: Stack) => Promise<Result>,
): Promise<Result> {
  const home = mkdtempSync(join(tmpdir(), 'magistry-bench-'));
  const { services, report } = options;
  const stack = new Stack({ home, services, withTestUser: true, stage: printStage, report });
  const stop = () => stack.force();
  options.signal.addEventListener('abort', stop);
  try {
    await stack.start();
    return await work(stack);
  } finally {
    options.signal.removeEventListener('abort', stop);
    await stack.stop();
    removeHome(stack.home);
  }
}
