import { type Service, services } from '../local/services.ts';

/** What one user of NATS may do; everything else is refused. */
export interface NatsUser {
  name: string;
  publish: readonly string[];
  subscribe: readonly string[];
  /** True lets it answer each message that it received, once. */
  responds: boolean;
}

/** Seeds, and runs the operator's command: calls every operation and looks at the stream. */
export const OPERATOR = 'operator';

/** Exists only in servers that tests and benches start. */
export const TEST_USER = 'test';

const STREAM = 'EVENTS';
const readStream = ['$JS.API.INFO', `$JS.API.STREAM.MSG.GET.${STREAM}`];
const openStream = [`$JS.API.STREAM.CREATE.${STREAM}`, ...readStream];

/** Every user of a running system. `publicOperations` are the names that the edge forwards to. */
export function natsUsers(publicOperations: readonly string[], table = services): NatsUser[] {
  return [...table.map((service) => userOf(service, publicOperations, table)), operator(table)];
}

export function testUser(): NatsUser {
  return { name: TEST_USER, publish: ['>'], subscribe: ['>'], responds: false };
}

/** The environment variable of the NATS server that holds a user's password. */
export function passwordVariable(user: string): string {
  return `NATS_PASSWORD_${user.replaceAll('-', '_').toUpperCase()}`;
}

function userOf(service: Service, publicOperations: readonly string[], table: readonly Service[]): NatsUser {
  const { name, answers, calls, broadcasts = [], listensTo = [] } = service;
  const { forwardsPublicOperations, eventShards = 0, followsEventsOf = [] } = service;
  const followed = table.filter((source) => followsEventsOf.includes(source.name));
  return {
    name,
    publish: [
      ...calls,
      ...broadcasts,
      // Its container's health check asks as the service itself.
      ...(answers.length > 0 ? [`${name}.get-readiness`] : []),
      ...(forwardsPublicOperations ? publicOperations : []),
      ...(eventShards > 0 || followed.length > 0 ? openStream : []),
      ...(eventShards > 0 ? [`events.${name}.*`] : []),
      ...followed.flatMap((source) => follow(name, source)),
    ],
    // The second word is the queue group: outside of it a service may not listen, even to its own subjects.
    subscribe: [...answers.map((subject) => `${subject} ${name}`), ...listensTo, inbox(name)],
    responds: answers.length > 0,
  };
}

/** A durable place in the stream for each shard of the source, what it takes to read on there, and its outbox. */
function follow(name: string, { name: source, eventShards = 0 }: Service): string[] {
  const shards = Array.from({ length: eventShards }, (_, shard) => shard);
  const perShard = shards.flatMap((shard) => {
    // As StreamFollower of libs/messaging names it.
    const durable = `${STREAM}.${name}-${source}-${shard}`;
    return [
      `$JS.API.CONSUMER.CREATE.${durable}.events.${source}.${shard}`,
      `$JS.API.CONSUMER.INFO.${durable}`,
      `$JS.API.CONSUMER.MSG.NEXT.${durable}`,
      `$JS.ACK.${durable}.>`,
    ];
  });
  return [`${source}.read-outbox`, ...perShard];
}

function operator(table: readonly Service[]): NatsUser {
  const operations = table.flatMap(({ answers }) => answers);
  return {
    name: OPERATOR,
    publish: [...operations, `$JS.API.STREAM.INFO.${STREAM}`, ...readStream],
    subscribe: [inbox(OPERATOR)],
    responds: false,
  };
}

function inbox(user: string): string {
  return `_INBOX.${user}.>`;
}
