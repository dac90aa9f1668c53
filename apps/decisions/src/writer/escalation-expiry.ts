import { setTimeout as pause } from 'node:timers/promises';
import { systemContext } from '@magistry/request-context';
import { wholeSecond } from '../domain/clock.js';
import type { DueEscalation, DueEscalations } from '../storage/across/due-escalations.js';
import type { ShardWriter } from './shard-writer.js';

const EVERY_MS = 1_000;
const DUE_MAX = 100;
const DEADLINE_MS = 5_000;
const ACTOR = 'expiry';

/**
 * Expires a shard's escalations while this process writes it. The timers are rows, so that a restart or another
 * owner goes on where this one ended; the writer decides, so that asking twice makes one row.
 */
export class EscalationExpiry {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly escalations: DueEscalations,
    private readonly writer: ShardWriter,
    private readonly options: { shard: number; now: () => number; onFault: (error: unknown) => void },
  ) {}

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const isMoreDue = await this.expireDue().catch((error: unknown) => {
        if (!signal.aborted) this.options.onFault(error);
        return false;
      });
      if (!isMoreDue) await pause(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One bounded batch; whether more may be due. */
  private async expireDue(): Promise<boolean> {
    const { shard, now } = this.options;
    const due = await this.escalations.read(shard, wholeSecond(now()), DUE_MAX);
    await Promise.all(due.map((escalation) => this.expire(escalation)));
    return due.length === DUE_MAX;
  }

  private expire({ workspaceId, slug, escalation }: DueEscalation): Promise<unknown> {
    const workspace = { id: workspaceId, slug, tier: '' };
    const context = systemContext(ACTOR, { deadlineMs: DEADLINE_MS, now: this.options.now(), workspace });
    const actor = `system:${ACTOR}`;
    return this.writer.submit({ context, command: { type: 'expire-escalation', actor, escalation } });
  }
}
