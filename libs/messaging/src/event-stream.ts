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
const ID_HEADER = 'Nats-Msg-Id';
/** Where in its outbox an event stands. */
export const POSITION_HEADER = 'Magistry-Position';
const NO_MESSAGE = 10037;

/** An event as the stream knows it: its id also tells a copy from a new event. */
export interface PublishedEvent {
  readonly id: string;
  readonly position: number;
}

/** Publishes events with their outbox position; an id that the stream had in the last two minutes is dropped. */
export class EventStream {
  private constructor(
    /** For this library alone. */
    readonly manager: JetStreamManager,
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

  /** The newest event on a subject; null when the stream has none. */
  async last(subject: string): Promise<PublishedEvent | null> {
    try {
      const message = await this.manager.streams.getMessage(EVENTS_STREAM, { last_by_subj: subject });
      const position = Number(message?.header.get(POSITION_HEADER));
      // A message that somebody else put there tells nothing of our positions.
      return message && Number.isInteger(position) ? { id: message.header.get(ID_HEADER), position } : null;
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === NO_MESSAGE) return null;
      throw error;
    }
  }

  /** Resolves once the server has stored it. */
  async publish(subject: string, { id, position }: PublishedEvent, bytes: Uint8Array): Promise<void> {
    const header = headers();
    header.set(POSITION_HEADER, String(position));
    await this.client.publish(subject, bytes, { msgID: id, headers: header, timeout: 5_000 });
  }
}
