import { ProblemError } from '@magistry/errors';
import type { Append, Appended } from '../storage/appending/appends.js';
import type { Addition, Lease } from '../storage/lease.js';
import type { RunLog } from '../storage/run-log.js';
import { appendDuration } from './metrics.js';

/** Past this size a commit only adds latency. */
const RUNS_MAX = 128;
const HELD_RETRY_MS = 10;

/** A run with something to write. */
export interface LogSource {
  readonly lease: Lease;
  /** What is written next; undefined when nothing waits. */
  readonly next: Addition | undefined;
  /** Hands over `next`, as of now. */
  take(): Append;
  appended(append: Append, result: Appended): void;
  failed(append: Append, error: unknown): void;
}

interface Part {
  readonly source: LogSource;
  readonly append: Append;
}

/**
 * Writes the logs of all runs of a process. While a commit is under way what comes is gathered, whichever run it is
 * of, and committed together next: one transaction, and of each run all or nothing.
 */
export class GroupCommit {
  private readonly waiting = new Set<LogSource>();
  private isFlushing = false;

  constructor(
    private readonly log: RunLog,
    private readonly leaseMs: number,
  ) {}

  /** Soon takes what the source has to write. */
  request(source: LogSource): void {
    this.waiting.add(source);
    if (!this.isFlushing) void this.flush();
  }

  /** For what somebody held when its turn came. */
  requestLater(source: LogSource): void {
    setTimeout(() => this.request(source), HELD_RETRY_MS);
  }

  private async flush(): Promise<void> {
    this.isFlushing = true;
    // One turn of the event loop lets what belongs together share the commit.
    await new Promise(setImmediate);
    while (this.waiting.size > 0) await this.write(this.takeParts());
    this.isFlushing = false;
  }

  /** Of each tree one reservation: the next one is held against what this one leaves. */
  private takeParts(): Part[] {
    const reserving = new Set<string>();
    const parts: Part[] = [];
    for (const source of this.waiting) {
      if (parts.length >= RUNS_MAX) break;
      const { rootId, workspaceId } = source.lease.run;
      const tree = `${workspaceId}.${rootId}`;
      if (source.next?.reserved && reserving.has(tree)) continue;
      if (source.next?.reserved) reserving.add(tree);
      this.waiting.delete(source);
      if (source.next) parts.push({ source, append: source.take() });
    }
    return parts;
  }

  private async write(parts: readonly Part[]): Promise<void> {
    if (parts.length === 0) return;
    const timed = appendDuration.startTimer();
    try {
      const results = await this.log.append(
        parts.map(({ append }) => append),
        this.leaseMs,
      );
      timed();
      parts.forEach(({ source, append }, index) => {
        source.appended(append, results[index] ?? { kind: 'lease-lost' });
      });
    } catch (error) {
      await this.recover(parts, error);
    }
  }

  /** Nothing was written, or nobody knows: halving lets what the database refuses fail alone. */
  private async recover(parts: readonly Part[], error: unknown): Promise<void> {
    const isAway = error instanceof ProblemError;
    if (isAway || parts.length === 1) {
      for (const { source, append } of parts) source.failed(append, error);
      return;
    }
    const middle = Math.ceil(parts.length / 2);
    await this.write(parts.slice(0, middle));
    await this.write(parts.slice(middle));
  }
}
