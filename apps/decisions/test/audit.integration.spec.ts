import { setTimeout as pause } from 'node:timers/promises';
import { create, toBinary } from '@bufbuild/protobuf';
import { AuditEventSchema, decisions, identity } from '@magistry/contracts';
import {
  type CallRequest,
  EventStream,
  eventSubject,
  type NatsConnection,
  type Served,
  serve,
} from '@magistry/messaging';
import { readOutbox } from '@magistry/outbox';
import { connectTestNats } from '@magistry/testing';
import pg from 'pg';
import { type Asked, LedgerUnderTest } from './ledger.fixture.js';

const ONE = 7;
const OTHER = 8;

let ledger: LedgerUnderTest;
let owner: pg.Pool;
let nats: NatsConnection;
let stream: EventStream;
let source: Served;
/** Identity's outbox, as far as these tests go: committed events, positions from 1. */
const outbox: { position: number; id: string; bytes: Uint8Array }[] = [];

beforeAll(async () => {
  nats = await connectTestNats('test');
  stream = await EventStream.open(nats);
  // What other suites published comes from other databases.
  await stream.manager.streams.purge('EVENTS', { filter: eventSubject('identity', 0) });
  source = serve(
    nats,
    { subject: identity.readOutbox.name, queue: 'doubles', operation: identity.readOutbox },
    ({ message }: CallRequest<typeof identity.readOutbox>) =>
      readOutbox(
        [{ readAfter: async (position, limit) => outbox.slice(position, position + limit) }],
        message,
      ),
    () => undefined,
  );
  await nats.flush();
  ledger = await LedgerUnderTest.start();
  owner = new pg.Pool({
    connectionString: ledger.database.adminUrl,
    max: 1,
    options: '-c search_path=decisions',
  });
});
afterAll(async () => {
  await ledger.stop();
  await source.drain();
  await nats.drain();
  await owner.end();
});

function commit(action: string, workspaceId = ONE, changed = {}) {
  const position = outbox.length + 1;
  const id = `aud_${position}-${Math.random().toString(36).slice(2)}`;
  const said = { action, actor: 'key:3', subject: `key:${position}`, detailsJson: '{"name":"site"}' };
  const place = { id, position: BigInt(position), workspaceId, occurredUnixMs: ledger.clock.now };
  const event = create(AuditEventSchema, { ...place, ...said, requestId: 'req_1', ...changed });
  outbox.push({ position, id, bytes: toBinary(AuditEventSchema, event) });
  return outbox[position - 1] as (typeof outbox)[number];
}

async function publish(...events: (typeof outbox)[number][]): Promise<void> {
  for (const event of events) await stream.publish(eventSubject('identity', 0), event, event.bytes);
}

async function audit(query = '', asked: Asked = {}) {
  const request = { params: {}, query, body: new Uint8Array(0) };
  const success = await ledger.caller.forward(decisions.listAuditEntries, request, ledger.context(asked));
  return JSON.parse(Buffer.from(success.body).toString());
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

const actionsOf = (page: { data: { action: string }[] }) => page.data.map(({ action }) => action);

test('what identity recorded is read in its workspace alone and once, though it came twice, with a gap', async () => {
  const events = [
    commit('api_key.created'),
    commit('api_key.rotated', OTHER),
    commit('login.failed', 0, { address: '203.0.113.7' }),
    commit('api_key.revoked'),
  ];
  await publish(...events.slice(0, 1), ...events.slice(3), ...events.slice(3));
  await eventually(async () => {
    expect(actionsOf(await audit())).toEqual(['api_key.revoked', 'api_key.created']);
  });
  expect((await audit()).data.at(-1)).toEqual({
    id: events[0]?.id,
    action: 'api_key.created',
    actor: 'key:3',
    subject: 'key:1',
    details: { name: 'site' },
    occurred_at: expect.stringMatching(/^\d{4}-.*Z$/),
    request_id: 'req_1',
    address: null,
  });
  expect(actionsOf(await audit('', { workspaceId: OTHER }))).toEqual(['api_key.rotated']);
  const { rows } = await owner.query(`SELECT * FROM audit_log WHERE workspace_id IS NULL`);
  expect(rows).toMatchObject([{ action: 'login.failed', address: '203.0.113.7', position: '3' }]);
});

test("the ledger's own happenings are told in the commit that makes them, and proposals are not", async () => {
  const asked = { workspaceId: 20 };
  await ledger.setKillSwitch(false, asked);
  await ledger.setKillSwitch(false, asked);
  const { json: applied } = await ledger.propose({}, asked);
  await ledger.reverse(applied.decision_id, asked);
  const policy = { policyJson: '{"velocity_per_minute":5}', reason: 'slower' };
  await ledger.append({ case: 'setPolicy', value: policy }, asked);
  const { data } = await audit('', asked);
  expect(data).toMatchObject([
    { action: 'policy.changed', subject: 'policy', details: { reason: 'slower' } },
    { action: 'decision.reversed', subject: `decision:${applied.decision_id}` },
    { action: 'killswitch.flipped', details: { from: 'ENGAGED', to: 'RELEASED' } },
  ]);
});

test('a page goes on by its cursor, in both orders, and filters say what they keep', async () => {
  const workspaceId = 21;
  const events = Array.from({ length: 7 }, (_, at) =>
    commit(at % 2 ? 'login.succeeded' : 'login.failed', workspaceId, { actor: at < 3 ? 'user:1' : 'user:2' }),
  );
  await publish(...events);
  await eventually(async () => expect((await audit('', { workspaceId })).data).toHaveLength(7));
  const ids = events.map(({ id }) => id);
  for (const [order, expected] of [
    ['asc', ids],
    ['desc', [...ids].reverse()],
  ] as const) {
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const page = await audit(`order=${order}&limit=3${cursor && `&cursor=${cursor}`}`, { workspaceId });
      seen.push(...page.data.map((row: { id: string }) => row.id));
      cursor = page.next_cursor;
      if (!page.has_more) break;
    }
    expect(seen).toEqual(expected);
  }
  expect((await audit('action=login.succeeded', { workspaceId })).data).toHaveLength(3);
  expect((await audit('actor=user:1&order=asc', { workspaceId })).data).toHaveLength(3);
  const later = new Date(ledger.clock.now + 60_000).toISOString();
  expect((await audit(`since=${later}`, { workspaceId })).data).toEqual([]);
});

test('a reader by cursor gets what comes later, and a foreign or changed cursor is refused', async () => {
  const workspaceId = 22;
  const { next_cursor: first } = await audit('order=asc', { workspaceId });
  await publish(commit('api_key.created', workspaceId));
  let next = '';
  await eventually(async () => {
    const page = await audit(`order=asc&cursor=${first}`, { workspaceId });
    expect(actionsOf(page)).toEqual(['api_key.created']);
    next = page.next_cursor;
  });
  expect((await audit(`order=asc&cursor=${next}`, { workspaceId })).data).toEqual([]);
  for (const query of [`order=desc&cursor=${next}`, 'cursor=cur_forged', 'action=no.such', 'unknown=1']) {
    await expect(audit(query, { workspaceId })).rejects.toMatchObject({ code: 'validation_failed' });
  }
  const stolen = audit(`order=asc&cursor=${next}`, { workspaceId: OTHER });
  await expect(stolen).rejects.toMatchObject({ code: 'validation_failed' });
});

test('the numbers follow the commits, whoever writes', async () => {
  const first = await owner.connect();
  const second = new pg.Client({
    connectionString: ledger.database.adminUrl,
    options: '-c search_path=decisions',
  });
  await second.connect();
  const insert = `INSERT INTO audit_log (id, source, workspace_id, action, actor, subject, details, occurred_at)
    VALUES ($1, 'test', 30, 'login.ended', 'a', 'b', '{}', '2026-11-24T00:00:00Z') RETURNING number`;
  await first.query('BEGIN');
  const slow = await first.query(insert, ['slow']);
  const waiting = second.query(insert, ['fast']);
  await pause(100);
  await first.query('COMMIT');
  first.release();
  expect(Number((await waiting).rows[0].number)).toBeGreaterThan(Number(slow.rows[0].number));
  await second.end();
});

test.each([`UPDATE audit_log SET actor = 'nobody'`, 'DELETE FROM audit_log', 'TRUNCATE audit_log'])(
  'not even the owner can change the log: %s',
  async (statement) => {
    await expect(owner.query(statement)).rejects.toThrow(/append-only/);
  },
);

test('the service may add to the log and read its workspace, no more', async () => {
  const login = new pg.Client({ connectionString: ledger.database.url });
  await login.connect();
  const across = 'SET ROLE magistry_decisions_across; ';
  for (const statement of [
    `INSERT INTO audit_log SELECT * FROM audit_log`,
    `${across} UPDATE audit_log SET actor = 'x'`,
    `${across} DELETE FROM audit_log`,
  ]) {
    await expect(login.query(`RESET ROLE; ${statement}`)).rejects.toThrow('permission denied');
  }
  await login.end();
});
