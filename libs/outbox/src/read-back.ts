import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type ReadOutboxRequest,
  type ReadOutboxRequestSchema,
  type ReadOutboxResponse,
  type ReadOutboxResponseSchema,
  type ServiceCall,
} from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { Caller } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import type { ConsumedEvent, ConsumerOptions } from './consumer.js';
import type { OutboxSource } from './relay.js';

/** Every service that publishes events answers it. */
type ReadOutbox = ServiceCall<typeof ReadOutboxRequestSchema, typeof ReadOutboxResponseSchema>;

const EVENTS_MAX = 500;
const DEADLINE_MS = 2_000;

/** The answer of a service's read-outbox, from the outbox of the shard that is asked for. */
export async function readOutbox(
  sources: readonly Pick<OutboxSource, 'readAfter'>[],
  { shard, afterPosition, limit }: ReadOutboxRequest,
): Promise<MessageInitShape<typeof ReadOutboxResponseSchema>> {
  const source = sources[shard];
  if (!source) throw new ProblemError('invalid_request', `There is no shard ${shard}.`);
  const events = await source.readAfter(Number(afterPosition), Math.min(limit || EVENTS_MAX, EVENTS_MAX));
  const last = events.at(-1);
  return {
    events: events.map(({ bytes }) => bytes),
    lastPosition: last ? BigInt(last.position) : afterPosition,
  };
}

/** How a consumer asks another service for what the stream left out. */
export function readBackFrom(
  caller: Caller,
  operation: ReadOutbox,
  { follower, shard }: { follower: string; shard: number },
): ConsumerOptions['readBack'] {
  return async (afterPosition) => {
    const context = systemContext(follower, { deadlineMs: DEADLINE_MS });
    const request = { shard, afterPosition: BigInt(afterPosition) };
    return placed(await caller.call(operation, request, context));
  };
}

// Positions are dense, so that the last one tells them all.
function placed({ events, lastPosition }: ReadOutboxResponse): ConsumedEvent[] {
  const first = Number(lastPosition) - events.length + 1;
  return events.map((bytes, index) => ({ position: first + index, bytes }));
}
