import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Clock } from '../domain/clock.js';
import type { RunRecord } from '../domain/run.js';
import { logEntry } from '../domain/views/log-view.js';
import { metricsOf, summaryOf } from '../domain/views/render-run.js';
import type { EndedPlace, EndedRuns, LedgerLine } from '../storage/ended-runs.js';
import type { RunStore } from '../storage/run-store.js';
import { RunFolders } from './run-files.js';

export interface RunExportOptions {
  /** MAGSAG_RUNS_BASE_DIR. */
  readonly folder: string;
  /** The slug of the workspace whose runs are written: ids are of a workspace alone. */
  readonly workspace: string;
  readonly lookEveryMs: number;
}

export const EXPORT_EVERY_MS = 2_000;
const PAGE_RUNS = 100;
const PAGE_EVENTS = 500;
/** So long an ended run may wait for its last call to be settled; less than `LOOK_BACK_MS`, so that it is found. */
const SETTLE_MS_MAX = 30_000;
/** A commit that is on its way longer than this would be missed until the next start. */
const LOOK_BACK_MS = 60_000;
/** Nobody takes longer to write a run; what is older, its process has left by dying. */
const UNFINISHED_MS_MAX = 60_000;
const TIDY_EVERY_MS = 10 * 60_000;

/**
 * Writes ended runs to files, as seed 004 lays them out, for tools that read these. Postgres stays the truth: nothing
 * waits for it, and what it has missed, because it was away or the disk was full, it writes the next time.
 */
export class RunExport implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('run-export');
  private readonly folders: RunFolders;
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;
  private isLeaving = false;
  /** Everything that ended before is written. From the start of time at each start: what is there is left alone. */
  private writtenUntil = new Date(0);
  private tidiedAtMs = 0;

  constructor(
    private readonly ended: EndedRuns,
    private readonly runs: RunStore,
    private readonly options: RunExportOptions,
    private readonly clock: Clock,
  ) {
    this.folders = new RunFolders(options.folder);
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.look(), this.options.lookEveryMs);
    this.look();
  }

  async onModuleDestroy(): Promise<void> {
    this.isLeaving = true;
    clearInterval(this.timer);
    await this.working;
  }

  private look(): void {
    this.working ??= this.tidy()
      .then(() => this.writeEnded())
      .catch((error) => this.logger.warn(error))
      .finally(() => {
        this.working = undefined;
      });
  }

  private async tidy(): Promise<void> {
    const now = this.clock.now();
    if (now - this.tidiedAtMs < TIDY_EVERY_MS) return;
    await this.folders.removeUnfinished(new Date(now - UNFINISHED_MS_MAX));
    this.tidiedAtMs = now;
  }

  private async writeEnded(): Promise<void> {
    let place: EndedPlace = { endedAt: new Date(this.writtenUntil.getTime() - LOOK_BACK_MS), id: '' };
    const settledBy = new Date(this.clock.now() - SETTLE_MS_MAX);
    while (!this.isLeaving) {
      const page = await this.ended.next(this.options.workspace, place, settledBy, PAGE_RUNS);
      for (const run of page) if (!(await this.folders.has(run.id))) await this.write(run);
      const last = page.at(-1);
      if (!last?.endedAt) return;
      place = { endedAt: last.endedAt, id: last.id };
      this.writtenUntil = last.endedAt;
    }
  }

  private async write(run: RunRecord): Promise<void> {
    const { id, definition } = run;
    const [costs, ledger] = await Promise.all([this.runs.costs(run), this.ended.ledger(run)]);
    const metrics = metricsOf(run, costs, run.endedAt ?? run.createdAt);
    await this.folders.write(id, {
      summary: { run_id: id, slug: definition.slug, ...summaryOf(run), metrics },
      metrics: { ...metrics, series: ledger.map(seriesLine) },
      logs: await this.logOf(run),
      costs: ledger.map((line) => ({
        run_id: id,
        root_run_id: run.rootId,
        slug: definition.slug,
        ...costLine(line),
      })),
    });
  }

  private async logOf(run: RunRecord): Promise<string[]> {
    const entries: string[] = [];
    for (;;) {
      const page = await this.runs.events(run.workspaceId, run.id, entries.length, PAGE_EVENTS);
      if (!page || page.events.length === 0) return entries;
      entries.push(...page.events.map((kept) => JSON.stringify(logEntry(run, kept))));
    }
  }
}

function seriesLine({ call, reservedAt, settledAt, ...line }: LedgerLine) {
  const { promptTokens, completionTokens, spentMicros } = line;
  return {
    ...{ call, started_at: reservedAt, ended_at: settledAt },
    ...{ prompt_tokens: promptTokens, completion_tokens: completionTokens, cost_micros: spentMicros },
  };
}

function costLine({ call, model, priceVersion, reservedMicros, spentMicros, ...line }: LedgerLine) {
  const { promptTokens, completionTokens, reservedAt, settledAt } = line;
  return {
    ...{ call, model, price_version: priceVersion },
    ...{ reserved_micros: reservedMicros, spent_micros: spentMicros },
    ...{ prompt_tokens: promptTokens, completion_tokens: completionTokens },
    ...{ reserved_at: reservedAt, settled_at: settledAt },
  };
}
