import { existsSync } from 'node:fs';
import { Client } from 'pg';
import { readJson, writePrivateJson } from './atomic-file.ts';
import type { Home } from './home.ts';
import type { StateFile } from './state.ts';

export type Credentials = Record<string, unknown>;

/** Where to seed, and what is made before. */
export interface SeedModulePlace {
  natsUrl: string;
  home: string;
  baseUrl: string;
  githubWebhookSecret: string;
}

interface SeedModule {
  seed(place: SeedModulePlace): Promise<Credentials>;
  /** The names a complete credentials.json has. */
  credentialNames?: readonly string[];
}

export interface SeedPlace {
  home: Home;
  state: StateFile;
  databaseUrl: string;
  natsUrl: string;
  baseUrl: string;
  githubWebhookSecret: string;
}

const seedModule = new URL('./seed.ts', import.meta.url);

/** Makes credentials.json unless this database already has what a complete one names. */
export async function seedOnce(place: SeedPlace): Promise<Credentials | undefined> {
  if (!existsSync(seedModule)) return undefined;
  const { seed, credentialNames = ['base_url'] } = (await import(seedModule.href)) as SeedModule;
  const { home, state, natsUrl, baseUrl, githubWebhookSecret } = place;
  const database = await identifyDatabase(place.databaseUrl);
  const known = readKnown(home.credentials);
  const complete = credentialNames.every((name) => known?.[name] !== undefined);
  const made =
    known && complete && state.current.seededDatabase === database
      ? known
      : await seed({ natsUrl, home: home.folder, baseUrl, githubWebhookSecret });
  // The starter's own environment may have another one than the last time.
  const credentials = { ...made, base_url: baseUrl, github_webhook_secret: githubWebhookSecret };
  writePrivateJson(home.credentials, credentials);
  state.remember({ seededDatabase: database });
  return credentials;
}

function readKnown(path: string): Credentials | undefined {
  try {
    return readJson(path) as Credentials | undefined;
  } catch {
    return undefined;
  }
}

// Another database, or the same one emptied and made anew, does not know the old credentials.
async function identifyDatabase(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>(
      `SELECT n.oid || '@' || current_database() AS id FROM pg_namespace n WHERE nspname = 'identity'`,
    );
    const system = await client
      .query<{ id: string }>('SELECT system_identifier::text AS id FROM pg_control_system()')
      .catch(() => ({ rows: [] }));
    return `${rows[0]?.id ?? ''}/${system.rows[0]?.id ?? ''}`;
  } finally {
    await client.end();
  }
}
