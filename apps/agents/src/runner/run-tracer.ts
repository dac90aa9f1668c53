import { isTraced, recordSpan } from '@magistry/telemetry';
import { type BeforeApplicationShutdown, Logger } from '@nestjs/common';
import type { Run } from '../domain/run.js';
import { spansOf } from '../domain/views/run-spans.js';
import type { RunTraces } from '../storage/run-traces.js';

/**
 * Records the spans of runs in the traces of those who asked for them. They are made of the log once the run has
 * ended, by whoever ended it: so there is one of each, however many processes had their hands in it.
 */
export class RunTracer implements BeforeApplicationShutdown {
  private readonly logger = new Logger('run-tracer');
  private readonly telling = new Set<Promise<void>>();

  constructor(private readonly traces: RunTraces) {}

  /** A trace that cannot be told costs no run its end, and none waits for it. */
  ended(run: Run): void {
    if (!isTraced(run.caller.traceparent ?? '')) return;
    const told = this.tell(run)
      .catch((error) => this.logger.warn(error))
      .finally(() => this.telling.delete(told));
    this.telling.add(told);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.telling);
  }

  private async tell(run: Run): Promise<void> {
    const { events, calls } = await this.traces.read(run);
    for (const span of spansOf(run, events, calls)) recordSpan(span);
  }
}
