import { randomUUID } from 'node:crypto';
import { access, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const UNFINISHED = '.unfinished-';

/** What is written of one run: documents as JSON, lists as one line an entry. */
export interface RunFiles {
  readonly summary: object;
  readonly metrics: object;
  readonly logs: readonly string[];
  readonly costs: readonly object[];
}

/**
 * The folders of seed 004 (Directory Structure): `<base>/<run id>/` with `summary.json`, `metrics.json` and
 * `logs.jsonl`, and the cost ledger beside the base folder, `costs/<run id>.jsonl`. A run's folder appears whole or
 * not at all, and after its costs.
 */
export class RunFolders {
  private readonly costs: string;

  constructor(private readonly base: string) {
    this.costs = join(dirname(base), 'costs');
  }

  async has(runId: string): Promise<boolean> {
    return access(join(this.base, runId)).then(
      () => true,
      () => false,
    );
  }

  /** Removes what was begun before, by processes that died over it. */
  async removeUnfinished(before: Date): Promise<void> {
    const names = await readdir(this.base).catch(() => []);
    for (const name of names.filter((one) => one.startsWith(UNFINISHED))) {
      const path = join(this.base, name);
      // Whoever still writes it takes milliseconds, and may have finished since.
      const changedAt = await stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => Number.POSITIVE_INFINITY,
      );
      if (changedAt < before.getTime()) await rm(path, { recursive: true, force: true });
    }
  }

  async write(runId: string, { summary, metrics, logs, costs }: RunFiles): Promise<void> {
    const unfinished = join(this.base, `${UNFINISHED}${randomUUID()}`);
    await mkdir(this.costs, { recursive: true });
    await mkdir(unfinished, { recursive: true });
    try {
      await writeFile(join(unfinished, 'summary.json'), document(summary));
      await writeFile(join(unfinished, 'metrics.json'), document(metrics));
      await writeFile(join(unfinished, 'logs.jsonl'), lines(logs));
      await writeFile(join(unfinished, 'costs.jsonl'), lines(costs.map((line) => JSON.stringify(line))));
      await rename(join(unfinished, 'costs.jsonl'), join(this.costs, `${runId}.jsonl`));
      await rename(unfinished, join(this.base, runId));
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true });
      // Another process on the same disk was quicker.
      if (!(await this.has(runId))) throw error;
    }
  }
}

function document(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}
