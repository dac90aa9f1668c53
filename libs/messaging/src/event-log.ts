import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { type EventPage, EventPageSchema, eventLogSubject } from '@magistry/contracts';
import type { NatsConnection } from '@nats-io/transport-node';

/** Tells who follows a log what was just added to it. The log is the truth: who misses a page reads it there. */
export class LivePages {
  constructor(private readonly connection: NatsConnection) {}

  publish(name: string, page: MessageInitShape<typeof EventPageSchema>): void {
    // Followers read on when the server is back.
    if (this.connection.isClosed()) return;
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
