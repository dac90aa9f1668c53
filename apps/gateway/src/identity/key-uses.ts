import { identity } from '@magistry/contracts';
import type { Caller } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import type { Logger } from '@magistry/telemetry';

/** So that last_used_at lags at most 10 s, one failed report included (design: api.md section 2). */
const REPORT_EVERY_MS = 4_000;
const REPORT_DEADLINE_MS = 1_000;
/** Keys of one report; with more in use than this, the others wait for the next one. */
const REPORTED_MAX = 5_000;

/** Gathers when keys are used and tells identity now and then: no request waits for it, none costs a write. */
export class KeyUses {
  private readonly usedUnixMs = new Map<number | string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly caller: Caller,
    private readonly logger: Logger,
  ) {}

  /** Of a key by the id of its row, of a service credential by its own. */
  note(id: number | string, nowUnixMs: number): void {
    this.usedUnixMs.set(id, nowUnixMs);
  }

  start(): void {
    this.timer = setInterval(() => void this.report(), REPORT_EVERY_MS);
  }

  /** Tells what is left. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.report();
  }

  private async report(): Promise<void> {
    const uses = [...this.usedUnixMs].slice(0, REPORTED_MAX);
    if (uses.length === 0) return;
    const message = { uses: uses.map(([id, usedUnixMs]) => ({ ...usedId(id), usedUnixMs })) };
    try {
      await this.caller.call(
        identity.recordKeyUses,
        message,
        systemContext('gateway', { deadlineMs: REPORT_DEADLINE_MS }),
      );
    } catch (error) {
      this.logger.debug({ error }, 'uses of keys could not be told; trying again shortly');
      return;
    }
    for (const [id, told] of uses) {
      if (this.usedUnixMs.get(id) === told) this.usedUnixMs.delete(id);
    }
  }
}

function usedId(id: number | string) {
  return typeof id === 'number' ? { apiKeyId: id } : { serviceCredentialId: id };
}
