import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { type EventPage, EventPageSchema, eventLogSubject } from '@magistry/contracts';
import type { NatsConnection } from '@nats-io/transport-node';
import { Link } from './connection.js';

/** Tells every listening process at once. Who is away misses it, so nothing may rest on it alone. */
export class Broadcaster {
  constructor(private readonly connection: NatsConnection) {}

  /** `about` names what it is about, where a subject is about many things. */
  send(subject: string, about = ''): void {
    this.connection.publish(subject, about);
  }
}

/** Hears what is broadcast on a subject; returns how to stop. */
export function onBroadcast(
  connection: NatsConnection,
  subject: string,
  listener: (about: string) => void,
): () => void {
  const subscription = connection.subscribe(subject, {
    callback: (error, message) => {
      if (!error) listener(message.string());
    },
  });
  return () => subscription.unsubscribe();
}

/** Tells who follows a log what was just added to it. The log is the truth: who misses a page reads it there. */
export class LivePages {
  private readonly link: Link;

  constructor(private readonly connection: NatsConnection) {
    this.link = new Link(connection);
  }

  publish(name: string, page: MessageInitShape<typeof EventPageSchema>): void {
    // Followers read on when the server is back.
    if (!this.link.isUp || this.connection.isClosed()) return;
    this.connection.publish(eventLogSubject(name), toBinary(EventPageSchema, create(EventPageSchema, page)));
  }

  /** Returns how to stop listening. */
  listen(name: string, listener: (page: EventPage) => void): () => void {
    const subscription = this.connection.subscribe(eventLogSubject(name), {
      callback: (error, message) => {
        if (!error) listener(fromBinary(EventPageSchema, message.data));
      },
    });
    return () => subscription.unsubscribe();
  }
}
