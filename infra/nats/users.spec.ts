import * as contracts from '@magistry/contracts';
import { services } from '../local/services.ts';
import { addUser, renderServerConfig } from './server-config.ts';
import { natsUsers, passwordVariable, testUser } from './users.ts';

const publicNames = contracts.publicOperations.map(({ name }) => name);
const declared = Object.values(contracts).flatMap((value) => Object.values(value as object));
const operations = [
  ...declared.filter(isOperation),
  ...contracts.SERVICES.map((service) => contracts.getReadiness(service)),
];

function isOperation(value: unknown): value is contracts.Operation {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  return value.kind === 'public' || value.kind === 'service-call';
}

/** As NATS matches; an operation that shards share is called with the shard behind its name. */
function names(subject: string, operation: string): boolean {
  const pattern = subject.replace(/\.\*$/, '').replaceAll('.', '\\.').replaceAll('*', '[^.]+');
  return new RegExp(`^${pattern}$`).test(operation);
}

test.each(services.flatMap(({ name, calls }) => calls.map((call) => [name, call])))(
  '%s calls %s, which is an operation',
  (_service, call) => {
    expect(operations.filter(({ name }) => names(call, name))).not.toEqual([]);
  },
);

test('the shards of events in the table are those that services publish', () => {
  const shards = Object.fromEntries(services.map(({ name, eventShards }) => [name, eventShards]));
  expect(shards).toMatchObject({
    decisions: contracts.decisions.LEDGER_SHARDS,
    identity: contracts.identity.AUDIT_SHARDS,
    agents: contracts.agents.AUDIT_SHARDS,
  });
});

test('every service behind the gateway answers on its own subjects, and the edge on none', () => {
  const answering = services.filter(({ answers }) => answers.length > 0);
  expect(answering.map(({ name }) => name).sort()).toEqual([...contracts.SERVICES].sort());
  for (const { name, answers } of answering) {
    expect(answers.filter((subject) => !subject.startsWith(`${name}.`))).toEqual([]);
  }
});

test('only the edge may call every public operation, and no user of production everything', () => {
  const users = natsUsers(publicNames);
  const reaching = users.filter(({ publish }) => publicNames.every((name) => publish.includes(name)));
  expect(reaching.map(({ name }) => name)).toEqual(['gateway']);
  const subjects = users.flatMap(({ publish, subscribe }) => [...publish, ...subscribe]);
  expect(subjects.filter((subject) => /^(\*|>)$/.test(subject))).toEqual([]);
});

test('the test user joins a copy of the configuration and is not in the generated one', () => {
  const config = renderServerConfig(natsUsers(publicNames));
  expect(config).not.toContain(passwordVariable('test'));
  expect(addUser(config, testUser())).toContain(`$${passwordVariable('test')}`);
});

test('a service that calls nothing may publish nothing, though an empty list would allow everything', () => {
  const config = renderServerConfig([{ name: 'mute', publish: [], subscribe: ['mute.*'], responds: true }]);
  expect(config).toContain('publish: { deny: [">"] }');
});
