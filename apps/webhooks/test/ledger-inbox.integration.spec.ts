import { create, toBinary } from '@bufbuild/protobuf';
import { EventSchema, webhooks } from '@magistry/contracts';
import { RunningWebhooks } from './webhooks.fixture.js';

let running: RunningWebhooks;
beforeAll(async () => {
  running = await RunningWebhooks.start();
});
afterAll(() => running.stop());

const ROW = {
  ...{ id: 'dec_1', agent: 'catalog', judge: { score: 0.9, verdict: 'PASS' }, status: 'APPLIED' },
  ...{ reversal: null, applied_by: { agent: 'catalog', executor: 'planner' }, subject: 'linen' },
};
const createdAt = () => `${new Date(running.clock.now).toISOString().slice(0, 19)}Z`;

/** As the stream brings it. */
function consumed(position: number, change: object = {}) {
  const event = create(EventSchema, {
    ...{ id: `evt_${position}`, type: 'decision.applied', shard: 0, position: BigInt(position) },
    ...{ workspaceId: 7, tenant: 'linen-house', severity: 'info', createdAt: createdAt() },
    rowJson: Buffer.from(JSON.stringify(ROW)),
    ...change,
  });
  return { position, bytes: toBinary(EventSchema, event) };
}

async function anEndpoint(body: object = {}, workspaceId = 7): Promise<number> {
  const asked = { body: { url: 'https://hooks.example/', events: ['decision.*'], ...body } };
  return (await running.ask(webhooks.createEndpoint, asked, workspaceId)).json.data.id;
}
const idsTo = async (id: number) =>
  (await running.asOwner('SELECT event_id FROM delivery WHERE endpoint_id = $1 ORDER BY id', [id])).rows.map(
    (row) => row.event_id,
  );

test('events become deliveries in their order, once, though they come twice and to two processes at once', async () => {
  const id = await anEndpoint();
  const batch = [1, 2, 3].map((position) => consumed(position));
  await Promise.all([running.inbox.take(batch), running.inbox.take(batch)]);
  await running.inbox.take([consumed(2), consumed(3), consumed(4)]);
  expect(await idsTo(id)).toEqual(['evt_1', 'evt_2', 'evt_3', 'evt_4']);
  expect(await running.inbox.position()).toBe(4);
});

test('a batch that cannot be written leaves the place where it was, and is taken in afterwards', async () => {
  const id = await anEndpoint();
  const bad = consumed(6, { rowJson: Buffer.from('no JSON') });
  await expect(running.inbox.take([consumed(5), bad])).rejects.toThrow();
  expect([await running.inbox.position(), await idsTo(id)]).toEqual([4, []]);
  await running.inbox.take([consumed(5), consumed(6)]);
  expect(await idsTo(id)).toEqual(['evt_5', 'evt_6']);
});

test('data is the row with tenant and severity, and each endpoint gets it at its own version', async () => {
  const [older, newer] = [
    await anEndpoint({ url: null, api_version: '2026-05-01' }),
    await anEndpoint({ url: null, api_version: '2026-11-01' }),
  ];
  await running.inbox.take([consumed(7)]);
  const polled = async (id: number) =>
    (await running.ask(webhooks.pollEvents, { params: { id: String(id) } })).json.data[0];
  expect(await polled(newer)).toEqual({
    ...{ id: 'evt_7', type: 'decision.applied', created_at: expect.any(String) },
    data: { ...ROW, tenant: 'linen-house', severity: 'info' },
  });
  const { data } = await polled(older);
  expect(data).toMatchObject({ judge_score: 0.9, applied_by: 'catalog_agent.planner', severity: 'info' });
  expect(Object.keys(data).slice(-2)).toEqual(['tenant', 'severity']);
});

test('a workspace without endpoints keeps no events of the ledger, and its place moves on', async () => {
  await running.inbox.take([consumed(8, { workspaceId: 9 })]);
  const { rows } = await running.asOwner('SELECT 1 FROM event WHERE workspace_id = 9');
  expect([rows, await running.inbox.position()]).toEqual([[], 8]);
});

test('an event that is days late finds its week', async () => {
  const id = await anEndpoint();
  const late = `${new Date(running.clock.now - 20 * 24 * 3_600_000).toISOString().slice(0, 19)}Z`;
  await running.inbox.take([consumed(9, { createdAt: late })]);
  expect(await idsTo(id)).toEqual(['evt_9']);
});
