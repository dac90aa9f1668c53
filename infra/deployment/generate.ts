// node infra/deployment/generate.ts: makes the files anew that follow from the table of services, the contracts
// and the settings. It runs on built projects, as `npm run generate` has it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeSettings } from '@magistry/config';
import { publicOperations } from '@magistry/contracts';
import { repository } from '../local/home.ts';
import { services } from '../local/services.ts';
import { renderServerConfig } from '../nats/server-config.ts';
import { natsUsers } from '../nats/users.ts';
import { renderCompose } from './compose.ts';
import { renderEnvExample } from './env-example.ts';
import { composeVariables, type ServiceSettings } from './service-settings.ts';

async function readSettings(): Promise<ServiceSettings[]> {
  return Promise.all(
    services.map(async (service) => {
      const { settings } = await import(join(repository, 'apps', service.name, 'dist/config.js'));
      return { service, settings: describeSettings(settings) };
    }),
  );
}

const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { version: string };
const publicNames = publicOperations.map(({ name }) => name).sort();
const all = await readSettings();

const files: Record<string, string> = {
  'infra/nats/nats.conf': renderServerConfig(natsUsers(publicNames)),
  'docker-compose.yml': renderCompose(all, version),
  '.env.example': renderEnvExample(all, composeVariables(version)),
};

for (const [path, text] of Object.entries(files)) writeFileSync(join(repository, path), text);
