import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { EventStream, type NatsConnection, StreamFollower } from '@magistry/messaging';
import { createPool, type Pool, withTransaction } from '@magistry/persistence';
import { connectTestNats, required } from '@magistry/testing';
import { type ConsumedEvent, type Inbox, OutboxConsumer } from './index.js';

const PAGE = 4;

let nats: NatsConnection;
let pool: Pool;
let stream: EventStream;
const consumers: OutboxConsumer[] = [];

beforeAll(async () => {
  nats = await connectTestNats('test');
  pool = createPool(required('MAGISTRY_TEST_DATABASE_URL'), () => undefined);
  stream = await EventStream.open(nats);
});
afterEach(() => Promise.all(consumers.splice(0).map((consumer) => consumer.stop())));
afterAll(async () => {
  await pool.end();
  await nats.drain();
});

/** A source's outbox and a consumer's inbox as tables of their own, and the subject between them. */
class Journey {
  readonly name = `journey_${randomBytes(5).toString('hex')}`;
  readonly subject = `events.${this.name}.0`;
  readonly faults: unknown[] = [];
  readonly lost: [number, number][] = [];
  readBacks = 0;

  static async begin(): Promise<Journey> {
    const journey = new Journey();
    await pool.query(`CREATE SCHEMA ${journey.name};
      CREATE TABLE ${journey.name}.outbox (position bigint PRIMARY KEY, bytes bytea NOT NULL);
      CREATE TABLE ${journey.name}.inbox (position bigint NOT NULL);
      INSERT INTO ${journey.name}.inbox VALUES (0);
      CREATE TABLE ${journey.name}.taken (place bigint GENERATED ALWAYS AS IDENTITY, position bigint NOT NULL)`);
    return journey;
  }

  async commit(...positions: number[]): Promise<void> {
    for (const position of positions) {
      const values = [position, Buffer.from(`event ${position}`)];
      await pool.query(`INSERT INTO ${this.name}.outbox VALUES ($1, $2)`, values);
    }
  }

  async publish(...positions: number[]): Promise<void> {
    for (const position of positions) {
      const id = `${this.name}-${position}-${randomBytes(4).toString('hex')}`;
      await stream.publish(this.subject, { id, position }, Buffer.from(`event ${position}`));
    }
  }

  /** What was taken in, in the order of the commits. */
  async taken(): Promise<number[]> {
    const { rows } = await pool.query(`SELECT position FROM ${this.name}.taken ORDER BY place`);
    return rows.map(({ position }) => Number(position));
  }

  consume(take: Inbox['take'] = (events) => this.take(events)): OutboxConsumer {
    const consumer = new OutboxConsumer({
      openFollower: () => StreamFollower.open(nats, { follower: 'test', source: this.name, shard: 0 }),
      readBack: (after) => this.readBack(after),
      inbox: { position: () => this.position(), take },
      onFault: (error) => this.faults.push(error),
      onLost: (first, last) => this.lost.push([first, last]),
    });
    consumers.push(consumer);
    consumer.start();
    return consumer;
  }

  async take(events: readonly ConsumedEvent[]): Promise<void> {
    await withTransaction(pool, async (client) => {
      const { rows } = await client.query(`SELECT position FROM ${this.name}.inbox FOR UPDATE`);
      const fresh = events.filter(({ position }) => position > Number(rows[0].position));
      for (const { position, bytes } of fresh) {
        expect(Buffer.from(bytes).toString()).toBe(`event ${position}`);
        await client.query(`INSERT INTO ${this.name}.taken (position) VALUES ($1)`, [position]);
        await client.query(`UPDATE ${this.name}.inbox SET position = $1`, [position]);
      }
    });
  }

  private async position(): Promise<number> {
    const { rows } = await pool.query(`SELECT position FROM ${this.name}.inbox`);
    return Number(rows[0].position);
  }

  private async readBack(after: number): Promise<ConsumedEvent[]> {
    this.readBacks += 1;
    const text = `SELECT position, bytes FROM ${this.name}.outbox WHERE position > $1 ORDER BY position LIMIT ${PAGE}`;
    const { rows } = await pool.query(text, [after]);
    return rows.map(({ position, bytes }) => ({ position: Number(position), bytes }));
  }
}

async function eventually(check: () => Promise<void>): Promise<void> {
  const endsAt = performance.now() + 4_000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > endsAt) throw error;
      await pause(20);
    }
  }
}

const range = (last: number) => Array.from({ length: last }, (_, at) => at + 1);

test('what comes twice, late and to two processes is taken in once and in order', async () => {
  const journey = await Journey.begin();
  journey.consume();
  journey.consume();
  await journey.commit(...range(40));
  await journey.publish(...range(20), ...range(10), 22, 21, ...range(40).slice(22));
  await eventually(async () => expect(await journey.taken()).toEqual(range(40)));
  expect([journey.faults, journey.lost]).toEqual([[], []]);
});

test('what the stream leaves out is read back from the source, over several pages', async () => {
  const journey = await Journey.begin();
  journey.consume();
  await journey.publish(1);
  await journey.commit(...range(12));
  await eventually(async () => expect((await journey.taken()).length).toBeGreaterThan(0));
  await journey.publish(12);
  await eventually(async () => expect(await journey.taken()).toEqual(range(12)));
  expect(journey.lost).toEqual([]);
});

test('a consumer that starts late takes in what the stream never brought', async () => {
  const journey = await Journey.begin();
  await journey.commit(...range(9));
  journey.consume();
  await eventually(async () => expect(await journey.taken()).toEqual(range(9)));
});

test('a crash between the commit and the acknowledgement takes nothing in twice', async () => {
  const journey = await Journey.begin();
  let crashes = 2;
  journey.consume(async (events) => {
    await journey.take(events);
    if (crashes-- > 0) throw new Error('the process died');
  });
  await journey.commit(...range(3));
  await journey.publish(...range(3));
  await eventually(async () => expect(journey.faults.length).toBeGreaterThan(0));
  await eventually(async () => expect(await journey.taken()).toEqual(range(3)));
  await journey.commit(4);
  await journey.publish(4);
  await eventually(async () => expect(await journey.taken()).toEqual(range(4)));
});

test('while the inbox fails nothing is left out, and it goes on by itself', async () => {
  const journey = await Journey.begin();
  let isDown = true;
  journey.consume((events) => (isDown ? Promise.reject(new Error('down')) : journey.take(events)));
  await journey.commit(...range(5));
  await journey.publish(...range(5));
  await eventually(async () => expect(journey.faults.length).toBeGreaterThan(0));
  expect(await journey.taken()).toEqual([]);
  isDown = false;
  await eventually(async () => expect(await journey.taken()).toEqual(range(5)));
});

test('what the source has removed is reported lost, and the rest is taken in', async () => {
  const journey = await Journey.begin();
  await journey.commit(5, 6);
  journey.consume();
  await eventually(async () => expect(await journey.taken()).toEqual([5, 6]));
  expect(journey.lost).toEqual([[1, 4]]);
});

test('what only the stream remembers is taken in, though the source was set back', async () => {
  const journey = await Journey.begin();
  await journey.commit(1);
  journey.consume();
  await eventually(async () => expect(await journey.taken()).toEqual([1]));
  await journey.publish(3);
  await eventually(async () => expect(await journey.taken()).toEqual([1, 3]));
  expect(journey.lost).toEqual([[2, 2]]);
});

test('a consumer whose place in the stream is removed makes it anew and goes on', async () => {
  const journey = await Journey.begin();
  journey.consume();
  await journey.commit(1);
  await journey.publish(1);
  await eventually(async () => expect(await journey.taken()).toEqual([1]));
  await stream.manager.consumers.delete('EVENTS', `test-${journey.name}-0`);
  await journey.commit(2);
  await journey.publish(2);
  await eventually(async () => expect(await journey.taken()).toEqual([1, 2]));
});

test('a consumer that is stopped lets go at once, and another goes on where it stood', async () => {
  const journey = await Journey.begin();
  const first = journey.consume();
  await journey.commit(1);
  await journey.publish(1);
  await eventually(async () => expect(await journey.taken()).toEqual([1]));
  const startedAt = performance.now();
  await first.stop();
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  await journey.commit(2, 3);
  await journey.publish(2, 3);
  journey.consume();
  await eventually(async () => expect(await journey.taken()).toEqual([1, 2, 3]));
});
