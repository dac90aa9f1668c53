import { services } from '../local/services.ts';
import { OPERATOR, passwordVariable, TEST_USER } from './users.ts';

/** The URL with which a user of NATS connects: `nats://user:password@host:port`. */
export type NatsUrlFor = (user: string) => string;

type Secret = (name: string) => string;

/** URLs of a server that has our users; who `url` itself names does not matter. */
export function natsUrlFor(url: string, secret: Secret): NatsUrlFor {
  return (user) => {
    const named = new URL(url);
    named.username = user;
    named.password = secret(passwordVariable(user));
    return named.href;
  };
}

/** What the server's configuration reads, quoted as NATS wants it: its data folder and each user's password. */
export function serverEnvironment(secret: Secret, dataFolder: string): Record<string, string> {
  const users = [...services.map(({ name }) => name), OPERATOR, TEST_USER];
  const passwords = users.map((user) => [passwordVariable(user), secret(passwordVariable(user))]);
  const values = Object.entries({ NATS_STORE_DIR: dataFolder, ...Object.fromEntries(passwords) });
  return Object.fromEntries(values.map(([name, value]) => [name, JSON.stringify(value)]));
}
