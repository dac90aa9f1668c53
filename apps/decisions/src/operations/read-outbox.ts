import type { decisions } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import type { OutboxReader } from '../storage/across/outbox-reader.js';

type Operation = typeof decisions.readOutbox;

const EVENTS_MAX = 500;

/** For consumers that see a gap or a new stream: the events themselves, from the source. */
export class ReadOutbox {
  constructor(private readonly readers: readonly OutboxReader[]) {}

  async execute({ message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const reader = this.readers[message.shard];
    if (!reader) throw new ProblemError('invalid_request', `There is no shard ${message.shard}.`);
    const limit = Math.min(message.limit || EVENTS_MAX, EVENTS_MAX);
    const events = await reader.readAfter(Number(message.afterPosition), limit);
    const last = events.at(-1);
    return {
      events: events.map((event) => event.bytes),
      lastPosition: last ? BigInt(last.position) : message.afterPosition,
    };
  }
}
