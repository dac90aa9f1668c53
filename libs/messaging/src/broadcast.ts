import type { NatsConnection } from '@nats-io/transport-node';

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
