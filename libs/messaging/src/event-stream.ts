import {
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import { headers, type NatsConnection, nanos } from '@nats-io/transport-node';

/** The stream that carries every service's events: only the bell, the outbox is the truth. */
export const EVENTS_STREAM = 'EVENTS';

/** Events of one shard share a subject, which keeps their order. */
export function eventSubject(service: string, shard: number): string {
  return `events.${service}.${shard}`;
}

const DAY_MS = 24 * 60 * 60 * 1_000;
const POSITION_HEADER = 'Magistry-Position';
const NO_MESSAGE = 10037;

/** Publishes events by their outbox position; a position that the stream already has is not published again. */
export class EventStream {
  private constructor(
    private readonly manager: JetStreamManager,
    private readonly client: JetStreamClient,
  ) {}

  /** Connects and makes the stream where it is missing, as after the loss of NATS's store. */
  static async open(connection: NatsConnection): Promise<EventStream> {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({
      name: EVENTS_STREAM,
      subjects: ['events.>'],
      max_age: nanos(7 * DAY_MS),
      duplicate_window: nanos(2 * 60 * 1_000),
    });
    return new EventStream(manager, jetstream(connection));
  }

  /** Position of the newest event on a subject; null when the stream has none. */
  async lastPosition(subject: string): Promise<number | null> {
    try {
      const message = await this.manager.streams.getMessage(EVENTS_STREAM, { last_by_subj: subject });
      return message ? Number(message.header.get(POSITION_HEADER)) : null;
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === NO_MESSAGE) return null;
      throw error;
    }
  }

  /** Resolves once the server has stored it. */
  async publish(subject: string, position: number, event: Uint8Array): Promise<void> {
    const header = headers();
    header.set(POSITION_HEADER, String(position));
    await this.client.publish(subject, event, {
      msgID: `${subject}#${position}`,
      headers: header,
      timeout: 5_000,
    });
  }
}
