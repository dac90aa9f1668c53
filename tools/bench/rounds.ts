/** One side of a comparison: sends requests for a while and tells how many did what was asked. */
export interface Contender {
  readonly name: string;
  run(seconds: number): Promise<Sample>;
}

export interface Sample {
  readonly done: number;
  readonly failed: number;
  readonly perSecond: number;
  /** Where the answer times were taken. */
  readonly p50Ms?: number | undefined;
  readonly p95Ms?: number | undefined;
  readonly p99Ms?: number | undefined;
}

export interface Series {
  readonly name: string;
  readonly samples: readonly Sample[];
}

export interface Rounds {
  readonly rounds: number;
  readonly seconds: number;
  /** Called before each sample, outside of its time. */
  readonly settle?: () => Promise<void>;
  readonly report: (line: string) => void;
}

const WARM_UP_SECONDS = 1;

/** Measures the contenders in turn, A B A B, so that whatever else the machine does hits all of them. */
export async function takeTurns<const Sides extends readonly Contender[]>(
  contenders: Sides,
  options: Rounds,
): Promise<{ [Side in keyof Sides]: Series }> {
  const series = contenders.map(({ name }) => ({ name, samples: [] as Sample[] }));
  for (const contender of contenders) await contender.run(WARM_UP_SECONDS);
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      await options.settle?.();
      const sample = await contender.run(options.seconds);
      series[index]?.samples.push(sample);
      const failed = sample.failed > 0 ? `, ${sample.failed} not` : '';
      options.report(
        `  round ${round}/${options.rounds} ${contender.name}: ${Math.round(sample.perSecond)}/s${failed}`,
      );
    }
  }
  return series as { [Side in keyof Sides]: Series };
}

/** `callers` loops that each send their next request when the one before it is answered. */
export async function drive(callers: number, seconds: number, request: () => Promise<void>): Promise<Sample> {
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1_000;
  let done = 0;
  let failed = 0;
  const call = async () => {
    while (performance.now() < endsAt) {
      try {
        await request();
        done += 1;
      } catch {
        failed += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  return { done, failed, perSecond: (done * 1_000) / (performance.now() - startedAt) };
}

export function medianPerSecond({ samples }: Series): number {
  return median(samples.map(({ perSecond }) => perSecond));
}

export function medianP50Ms({ samples }: Series): number {
  return median(samples.map(({ p50Ms = Number.NaN }) => p50Ms));
}

export function medianP95Ms({ samples }: Series): number {
  return median(samples.map(({ p95Ms = Number.NaN }) => p95Ms));
}

export function medianP99Ms({ samples }: Series): number {
  return median(samples.map(({ p99Ms = Number.NaN }) => p99Ms));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((first, second) => first - second);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
