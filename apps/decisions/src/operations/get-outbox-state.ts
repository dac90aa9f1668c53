import type { decisions } from '@magistry/contracts';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import type { OutboxState } from '../storage/across/outbox-state.js';

type Operation = typeof decisions.getOutboxState;

/** For an operator: how far each shard's events are published, and how long the oldest one waits. */
export class GetOutboxState {
  constructor(
    private readonly outbox: OutboxState,
    private readonly now: () => number,
  ) {}

  async execute(_request: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const shards = await this.outbox.read();
    return {
      shards: shards.map(({ shard, lastPosition, publishedPosition, oldestUnpublishedAt }) => ({
        shard,
        lastPosition: BigInt(lastPosition),
        publishedPosition: BigInt(publishedPosition),
        oldestUnpublishedAgeMs: oldestUnpublishedAt === null ? 0 : this.ageMs(oldestUnpublishedAt),
      })),
    };
  }

  // Stored times are whole seconds, and another process wrote them.
  private ageMs(since: string): number {
    return Math.max(0, this.now() - Date.parse(since));
  }
}
