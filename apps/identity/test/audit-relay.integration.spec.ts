import { fromBinary } from '@bufbuild/protobuf';
import { type AuditEvent, AuditEventSchema, identity } from '@magistry/contracts';
import { type NatsConnection, StreamFollower } from '@magistry/messaging';
import { readBackFrom } from '@magistry/outbox';
import { connectTestNats } from '@magistry/testing';
import { type ApiCaller, aCaller, freshKey } from './caller.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

let running: RunningIdentity;
let caller: ApiCaller;
let nats: NatsConnection;

beforeAll(async () => {
  running = await startIdentity();
  caller = await aCaller(running, 'enterprise');
  nats = await connectTestNats('test');
});
afterAll(async () => {
  await running.stop();
  await nats.drain();
});

async function readAll(): Promise<AuditEvent[]> {
  const readBack = readBackFrom(running.caller, identity.readOutbox, { follower: 'test', shard: 0 });
  const events: AuditEvent[] = [];
  for (;;) {
    const page = await readBack(events.length);
    if (page.length === 0) return events;
    for (const { position, bytes } of page) {
      const event = fromBinary(AuditEventSchema, bytes);
      expect(Number(event.position)).toBe(position);
      events.push(event);
    }
  }
}

const namesOf = (events: AuditEvent[]) =>
  events.flatMap(({ detailsJson }) => JSON.parse(detailsJson).name ?? []);

async function eventually<Found>(find: () => Promise<Found>): Promise<Found> {
  const endsAt = performance.now() + 4_000;
  for (;;) {
    try {
      return await find();
    } catch (error) {
      if (performance.now() > endsAt) throw error;
    }
  }
}

const make = (name: string) =>
  caller.ask(identity.issueApiKey, { body: { name, scopes: ['read'] }, key: freshKey() });

test('positions are dense whoever numbers, and every entry has one', async () => {
  const names = Array.from({ length: 24 }, (_, at) => `number ${at}`);
  // The relay, and whoever asks, all number at once with the writers.
  await Promise.all(names.flatMap((name, at) => (at % 6 === 0 ? [make(name), readAll()] : [make(name)])));
  const events = await eventually(async () => {
    const read = await readAll();
    expect(namesOf(read)).toEqual(expect.arrayContaining(names));
    return read;
  });
  expect(events.map(({ position }) => Number(position))).toEqual(events.map((_, at) => at + 1));
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
});

test('what is recorded reaches the stream by itself, as read-outbox has it', async () => {
  const { json } = await make('to the stream');
  const kept = (await readAll()).find((event) => event.subject === `key:${json.data.id}`);
  const follower = await StreamFollower.open(nats, { follower: 'test-audit', source: 'identity', shard: 0 });
  let published: AuditEvent | undefined;
  // Other suites published there too, of other databases that count their keys alike: only the id tells.
  for await (const batch of follower.batches()) {
    for (const { bytes, acknowledge } of batch) {
      acknowledge();
      const event = fromBinary(AuditEventSchema, bytes);
      if (event.id === kept?.id) published = event;
    }
    if (published) break;
  }
  await follower.close();
  expect(published).toEqual(kept);
  expect(kept).toMatchObject({ action: 'api_key.created', workspaceId: caller.workspace.id });
});

test('published entries are removed after seven days', async () => {
  await expect(running.call(identity.readOutbox, { shard: 1 })).rejects.toMatchObject({
    code: 'invalid_request',
  });
  await running.asOwner(`UPDATE audit_outbox SET occurred_at = now() - interval '8 days'`);
  const { rows } = await running.asOwner('SELECT published_position AS position FROM audit_relay');
  const waiting = (await readAll()).filter(({ position }) => Number(position) > Number(rows[0].position));
  await running.keepHouse();
  const left = await running.asOwner('SELECT count(*)::int AS rows FROM audit_outbox');
  expect(left.rows[0].rows).toBeLessThanOrEqual(waiting.length);
});
