// node infra/deployment/generate.ts: makes the files anew that follow from the table of services, the contracts
// and the settings. It runs on built projects, as `npm run generate` has it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicOperations } from '@magistry/contracts';
import { repository } from '../local/home.ts';
import { renderServerConfig } from '../nats/server-config.ts';
import { natsUsers } from '../nats/users.ts';

const publicNames = publicOperations.map(({ name }) => name).sort();

const files: Record<string, string> = {
  'infra/nats/nats.conf': renderServerConfig(natsUsers(publicNames)),
};

for (const [path, text] of Object.entries(files)) writeFileSync(join(repository, path), text);
