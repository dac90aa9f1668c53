import { type NatsUser, passwordVariable } from './users.ts';

const heading = `# Made by "npm run generate" from infra/local/services.ts and libs/contracts: change it there.
#
# One account; one user a service, with the subjects that it needs and no more. Passwords come from the
# environment, each in double quotes ('"secret"'): bare, NATS would read one of digits as a number.
# So comes the folder of its data: given as a flag it would keep the server from reading this file again on
# SIGHUP. Where it listens: -a and -p of nats-server.
`;

const settings = `# A request body of the edge (MAGISTRY_MAX_REQUEST_BYTES) with its context fits in.
max_payload: 12MB
jetstream: { store_dir: $NATS_STORE_DIR }
`;

const opening = '  users: [\n';

export function renderServerConfig(users: readonly NatsUser[]): string {
  return `${heading}\n${settings}\nauthorization {\n${opening}${users.map(renderUser).join('')}  ]\n}\n`;
}

/** The same configuration with one user more, for servers of tests. */
export function addUser(config: string, user: NatsUser): string {
  if (!config.includes(opening)) throw new Error('nats.conf has no list of users. Run "npm run generate".');
  return config.replace(opening, () => opening + renderUser(user));
}

function renderUser({ name, publish, subscribe, responds }: NatsUser): string {
  const lines = [
    `user: ${name}`,
    `password: $${passwordVariable(name)}`,
    'permissions: {',
    `  publish: ${renderAllowed(publish)}`,
    `  subscribe: ${renderAllowed(subscribe)}`,
    ...(responds ? ['  allow_responses: { max: 1 }'] : []),
    '}',
  ];
  return `    {\n${lines.map((line) => `      ${line}\n`).join('')}    }\n`;
}

// An empty allow-list would mean everything to NATS.
function renderAllowed(subjects: readonly string[]): string {
  if (subjects.length === 0) return '{ deny: [">"] }';
  const unique = [...new Set(subjects)].map((subject) => `            "${subject}"\n`);
  return `{\n          allow: [\n${unique.join('')}          ]\n        }`;
}
