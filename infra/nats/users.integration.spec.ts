import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { decisions, getReadiness, identity, type ServiceCall } from '@magistry/contracts';
import { Caller, connectNats, EventStream, eventSubject, serve } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import { type NatsConnection, errors as natsErrors } from '@nats-io/transport-node';
import { openSecrets, removeHome } from '../local/home.ts';
import { services } from '../local/services.ts';
import { Stack } from '../local/stack.ts';
import { natsUrlFor } from './connection-url.ts';
import { OPERATOR, TEST_USER } from './users.ts';

const START_MS_MAX = 60_000;
const answering = services.filter(({ answers }) => answers.length > 0).map(({ name }) => name);

let stack: Stack;
const opened: NatsConnection[] = [];

beforeAll(async () => {
  stack = new Stack({ home: mkdtempSync(join(tmpdir(), 'magistry-test-users-')), services: false });
  await stack.start();
}, START_MS_MAX);

afterEach(async () => {
  await Promise.all(opened.splice(0).map((connection) => connection.close()));
});

afterAll(async () => {
  await stack.stop();
  removeHome(stack.home);
}, START_MS_MAX);

function urlFor(user: string): string {
  return natsUrlFor(stack.natsUrl, openSecrets(stack.home.secrets))(user);
}

async function connectAs(user: string): Promise<NatsConnection> {
  const connection = await connectNats({ url: urlFor(user), service: user });
  opened.push(connection);
  return connection;
}

/** The subjects that the server refuses to a user while it tries something. */
async function refusals(user: string, attempt: (connection: NatsConnection) => void): Promise<string[]> {
  const connection = await connectAs(user);
  const refused: string[] = [];
  const listening = (async () => {
    for await (const status of connection.status()) {
      if (status.type !== 'error') continue;
      if (status.error instanceof natsErrors.PermissionViolationError) {
        refused.push(`${status.error.operation} ${status.error.subject}`);
      }
    }
  })();
  attempt(connection);
  // The server answers in order: behind this, everything tried has been judged. Twice: it still serves us.
  await connection.flush();
  await connection.flush();
  await connection.close();
  await listening;
  return refused;
}

function listen(subject: string, queue?: string) {
  return (connection: NatsConnection) => {
    connection.subscribe(subject, { ...(queue && { queue }), callback: () => undefined });
  };
}

function ask(caller: Caller, operation: ServiceCall, subject?: string) {
  return caller.call(operation, {}, systemContext('test', { deadlineMs: 2_000 }), subject);
}

test.each(answering)('%s answers on its own subject, and the operator may ask it', async (service) => {
  const operation = getReadiness(service);
  const target = { subject: operation.name, queue: service, operation };
  const connection = await connectAs(service);
  serve(connection, target, async () => ({ failures: { probe: service } }), fail);
  await connection.flush();
  const answer = await ask(new Caller(await connectAs(OPERATOR)), operation);
  expect(answer).toMatchObject({ failures: { probe: service } });
});

test.each(services.map(({ name }) => name))("%s is refused another service's subjects", async (service) => {
  for (const other of answering.filter((name) => name !== service)) {
    const subject = `${other}.anything`;
    expect(await refusals(service, listen(subject, service))).toEqual([`subscription ${subject}`]);
    expect(await refusals(service, listen(subject, other))).toEqual([`subscription ${subject}`]);
  }
});

test.each(answering)('%s may not overhear its own requests outside of its queue group', async (service) => {
  const subject = `${service}.anything`;
  expect(await refusals(service, listen(subject))).toEqual([`subscription ${subject}`]);
  expect(await refusals(service, listen(subject, service))).toEqual([]);
});

test.each([
  ['gateway', 'events.decisions.0'],
  ['planner', 'events.decisions.0'],
  ['identity', 'decisions.append.0'],
  ['gateway', 'decisions.append.0'],
  ['gateway', 'identity.create-workspace'],
  ['planner', 'identity.create-api-key'],
  ['decisions', 'events.identity.0'],
  ['decisions', '$JS.API.STREAM.DELETE.EVENTS'],
  ['operator', 'events.decisions.0'],
])('%s may not publish to %s', async (user, subject) => {
  expect(await refusals(user, (connection) => connection.publish(subject))).toEqual([`publish ${subject}`]);
});

test.each([
  ['planner', 'decisions.append.*'],
  ['planner', '_INBOX.gateway.>'],
  ['operator', '_INBOX.gateway.>'],
  ['decisions', '_INBOX.>'],
  ['gateway', 'events.>'],
  ['identity', '>'],
])('%s may not listen to %s', async (user, subject) => {
  expect(await refusals(user, listen(subject))).toEqual([`subscription ${subject}`]);
});

test('a call that the allow-list lacks fails at once and names its subject', async () => {
  const startedAt = performance.now();
  const call = ask(new Caller(await connectAs('gateway')), identity.createWorkspace);
  await expect(call).rejects.toThrow('"identity.create-workspace"');
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});

test('a listed call that nobody answers is still service_unavailable at once', async () => {
  const call = ask(new Caller(await connectAs('planner')), decisions.append, decisions.shardSubject(1));
  await expect(call).rejects.toMatchObject({ code: 'service_unavailable' });
});

test('a request is answered once: a second answer is refused', async () => {
  const subject = 'decisions.get-ledger-head';
  const asking = await connectAs('planner');
  const answering = await connectAs('decisions');
  answering.subscribe(subject, {
    queue: 'decisions',
    callback: (_, message) => {
      message.respond('answer');
      message.respond('another answer');
    },
  });
  await answering.flush();
  const seen: string[] = [];
  void (async () => {
    for await (const status of answering.status())
      if (status.type === 'error') seen.push(status.error.message);
  })();
  expect((await asking.request(subject, '', { timeout: 2_000 })).string()).toBe('answer');
  // The refusal comes on the connection's own time, behind the answer.
  for (let looks = 0; seen.length === 0 && looks < 40; looks += 1) await pause(50);
  expect(seen).toEqual([expect.stringContaining('Permissions Violation for Publish to "_INBOX.planner.')]);
});

test('decisions makes the stream, publishes its events and reads the last one', async () => {
  const stream = await EventStream.open(await connectAs('decisions'));
  const subject = eventSubject('decisions', 0);
  await stream.publish(subject, { id: 'event-1', position: 1 }, Buffer.from('event'));
  expect(await stream.last(subject)).toEqual({ id: 'event-1', position: 1 });
});

test('a changed allow-list counts after SIGHUP, without a restart', async () => {
  const subject = 'planner.get-policy';
  const call = (connection: NatsConnection) => connection.publish(subject);
  expect(await refusals('identity', call)).toEqual([`publish ${subject}`]);
  const path = join(stack.home.nats, 'nats.conf');
  const own = '"identity.get-readiness"';
  writeFileSync(path, readFileSync(path, 'utf8').replace(own, `${own}, "${subject}"`));
  stack.processes.kill('nats', 'SIGHUP');
  const deadline = Date.now() + 5_000;
  let refused = await refusals('identity', call);
  while (refused.length > 0 && Date.now() < deadline) refused = await refusals('identity', call);
  expect(refused).toEqual([]);
});

test('a wrong password and the test user are refused, without a word of the password', async () => {
  const url = new URL(urlFor('gateway'));
  url.password = 'not-the-password';
  const wrong = await connectNats({ url: url.href, service: 'gateway' }).catch((error: Error) => error);
  expect(String(wrong)).toContain('NATS refuses the user or password');
  expect(JSON.stringify([String(wrong), String((wrong as Error).cause)])).not.toContain('not-the-password');
  await expect(connectNats({ url: urlFor(TEST_USER), service: TEST_USER })).rejects.toThrow('NATS refuses');
});

function fail(operation: string, _request: unknown, error: unknown): void {
  throw new Error(`${operation} failed: ${error}`);
}
