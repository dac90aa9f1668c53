import type { SettingDescription } from '@magistry/config';
import { type Service, services } from '../local/services.ts';
import { OPERATOR, passwordVariable } from '../nats/users.ts';
import { databasePasswordVariable, roleOf } from '../postgres/roles.ts';
import { ownerName } from '../postgres/server.ts';

/** What an app's config.ts asks of its environment. */
export interface ServiceSettings {
  service: Service;
  settings: readonly SettingDescription[];
}

/** A variable of `.env` that compose reads itself, to make the servers and the services' URLs. */
export interface ComposeVariable {
  name: string;
  meaning: string;
  /** Undefined for a secret, which everybody makes for themselves. */
  default?: string;
}

export const GATEWAY_PORT = '8080';
/** Reached from the containers' own network alone, like the next one. */
const OAUTH_PORT = '8081';
export const METRICS_PORT = '9464';

/** Compose stops with these words while `.env` lacks the variable. */
export const required = (name: string) => `\${${name}:?is not set, see .env.example}`;

export function composeVariables(version: string): ComposeVariable[] {
  const withSchema = services.filter(({ hasSchema }) => hasSchema).map(({ name }) => name);
  return [
    { name: 'MAGISTRY_VERSION', meaning: 'The tag of the images of all services.', default: version },
    {
      name: 'BIND_ADDRESS',
      meaning: "The host's address that the gateway is published on, at PORT.",
      default: '127.0.0.1',
    },
    { name: 'POSTGRES_PASSWORD', meaning: 'The password of the owner of the database, who migrates it.' },
    { name: 'REDIS_PASSWORD', meaning: 'The password of Redis.' },
    ...withSchema.map((name) => ({
      name: databasePasswordVariable(name),
      meaning: `The password of the role of ${name} in Postgres; the migrate job sets it.`,
    })),
    ...[...services.map(({ name }) => name), OPERATOR].map((user) => ({
      name: passwordVariable(user),
      meaning: `The password of the user ${user} of NATS.`,
    })),
  ];
}

/** The value of a setting in docker-compose.yml: compose's own servers, else what `.env` says, else the default. */
export function composeValue({ name: service }: Service, setting: SettingDescription): string {
  const made = composeMade(service)[setting.name];
  if (made !== undefined) return made;
  return setting.isRequired ? required(setting.name) : `\${${setting.name}:-${setting.default ?? ''}}`;
}

/** Whether compose makes the value of a variable itself, so that `.env` need not name it. */
export function isMadeByCompose(name: string): boolean {
  return name in composeMade('any');
}

export function ownerDatabaseUrl(): string {
  return databaseUrl(ownerName, 'POSTGRES_PASSWORD');
}

function composeMade(service: string): Record<string, string> {
  return {
    NATS_URL: `nats://${service}:${required(passwordVariable(service))}@nats:4222`,
    DATABASE_URL: databaseUrl(roleOf(service), databasePasswordVariable(service)),
    REDIS_URL: `redis://:${required('REDIS_PASSWORD')}@redis:6379`,
    HOST: '0.0.0.0',
    PORT: GATEWAY_PORT,
    HTTP_HOST: '0.0.0.0',
    HTTP_PORT: OAUTH_PORT,
    MAGISTRY_HTTP_URL: `http://${service}:${OAUTH_PORT}`,
    METRICS_HOST: '0.0.0.0',
    METRICS_PORT,
  };
}

function databaseUrl(role: string, passwordName: string): string {
  return `postgresql://${role}:${required(passwordName)}@postgres:5432/magistry`;
}
