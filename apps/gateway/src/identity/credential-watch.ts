import { identity } from '@magistry/contracts';
import { type Caller, type NatsConnection, onBroadcast } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import type { CredentialDirectory } from './credential-directory.js';

const POLL_EVERY_MS = 1_000;
const POLL_DEADLINE_MS = 900;

/**
 * Makes the directory forget when credentials change: at once when the broadcast is heard, and within a second of
 * being able to ask again when it was missed. A gateway that can do neither forgets by age, and lets nobody in.
 */
export class CredentialWatch {
  private readonly stopListening: () => void;
  private readonly timer: NodeJS.Timeout;
  private epoch: number | undefined;

  constructor(
    nats: NatsConnection,
    private readonly caller: Caller,
    private readonly directory: CredentialDirectory,
  ) {
    this.stopListening = onBroadcast(nats, identity.CREDENTIALS_CHANGED, () => directory.forget());
    this.timer = setInterval(() => void this.poll(), POLL_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.stopListening();
  }

  private async poll(): Promise<void> {
    const context = systemContext('gateway', { deadlineMs: POLL_DEADLINE_MS });
    // Unanswered, it is asked again in a second.
    const answer = await this.caller.call(identity.getCredentialEpoch, {}, context).catch(() => undefined);
    if (!answer || answer.epoch === this.epoch) return;
    this.epoch = answer.epoch;
    this.directory.forget();
  }
}
