import type { NatsConnection } from '@nats-io/transport-node';

/** Tells every listening process at once. Who is away misses it, so nothing may rest on it alone. */
export class Broadcaster {
  constructor(private readonly connection: NatsConnection) {}

  send(subject: string): void {
    this.connection.publish(subject);
  }
}

/** Hears what is broadcast on a subject; returns how to stop. */
export function onBroadcast(connection: NatsConnection, subject: string, listener: () => void): () => void {
  const subscription = connection.subscribe(subject, {
    callback: (error) => {
      if (!error) listener();
    },
  });
  return () => subscription.unsubscribe();
}
