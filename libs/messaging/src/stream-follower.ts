import { AckPolicy, type ConsumerMessages, DeliverPolicy, type JsMsg, jetstream } from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';
import { EVENTS_STREAM, EventStream, eventSubject, POSITION_HEADER } from './event-stream.js';

/** An event as it came from the stream. It comes again until it is acknowledged. */
export interface StreamedEvent {
  readonly position: number;
  readonly bytes: Uint8Array;
  acknowledge(): void;
  /** Asks for it again in a moment. */
  refuse(): void;
}

/** One shard of a service's events. All processes of `follower` share its place there. */
export interface Following {
  readonly follower: string;
  readonly source: string;
  readonly shard: number;
}

/** Both how many wait here for their turn, and how many the server gives out before it hears of them. */
const UNACKNOWLEDGED_MAX = 500;
const BATCH_MAX = 100;
/** What a process that died took along comes again after this. */
const ACKNOWLEDGE_WITHIN_MS = 15_000;
const REFUSED_FOR_MS = 500;

/** Follows one subject of the stream of events under a durable name: no event is left out, some come twice. */
export class StreamFollower {
  private constructor(private readonly messages: ConsumerMessages) {}

  /** Makes the stream and the name's place in it where they are missing. */
  static async open(connection: NatsConnection, following: Following): Promise<StreamFollower> {
    const { follower, source, shard } = following;
    // The allow-list of the follower's user has this very name (infra/nats/users.ts).
    const name = `${follower}-${source}-${shard}`;
    const stream = await EventStream.open(connection);
    await stream.manager.consumers.add(EVENTS_STREAM, {
      durable_name: name,
      filter_subject: eventSubject(source, shard),
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: nanos(ACKNOWLEDGE_WITHIN_MS),
      max_ack_pending: UNACKNOWLEDGED_MAX,
    });
    const consumer = await jetstream(connection).consumers.get(EVENTS_STREAM, name);
    const options = { max_messages: UNACKNOWLEDGED_MAX, abort_on_missing_resource: true };
    return new StreamFollower(await consumer.consume(options));
  }

  /** What has come by the time that one is asked for, at least one. Ends when closed, throws when the place is gone. */
  async *batches(): AsyncGenerator<readonly StreamedEvent[]> {
    let batch: StreamedEvent[] = [];
    for await (const message of this.messages) {
      batch.push(streamedEvent(message));
      if (this.messages.getPending() > 0 && batch.length < BATCH_MAX) continue;
      yield batch;
      batch = [];
    }
  }

  async close(): Promise<void> {
    await this.messages.close();
  }
}

function streamedEvent(message: JsMsg): StreamedEvent {
  return {
    position: Number(message.headers?.get(POSITION_HEADER)),
    bytes: message.data,
    acknowledge: () => message.ack(),
    refuse: () => message.nak(REFUSED_FOR_MS),
  };
}
