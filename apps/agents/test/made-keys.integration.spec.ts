import { agents } from '@magistry/contracts';
import { createTestDatabase, type TestDatabase } from '@magistry/testing';
import pg from 'pg';
import { type RunningProcess, startProcess, WORKSPACE_ID } from './agents.fixture.js';

const MAKER = { id: 'key:1' };
const CHILD = { id: 'key:2', makerIds: ['key:1'] };
const GRANDCHILD = { id: 'key:3', makerIds: ['key:2', 'key:1'] };
const OTHER = { id: 'key:4' };
const RUNS_AT_ONCE = 16;

interface Limit {
  readonly id: number;
  readonly principal: string;
  readonly used_micros: number;
}

const agent = (slug: string, more: object = {}) =>
  agents.agentDefinition.parse({ slug, title: slug, description: `The ${slug}.`, ...more });
const AGENTS = [agent('clerk'), agent('host', { sub_agents: ['clerk'] }), agent('catalog-assistant')];

let database: TestDatabase;
let admin: pg.Client;
/** Two processes, so that no lock of one does the work. */
let processes: RunningProcess[];

beforeAll(async () => {
  database = await createTestDatabase('agents');
  admin = new pg.Client({ connectionString: database.adminUrl, options: '-c search_path=agents' });
  await admin.connect();
  const options = { shippedAgents: AGENTS };
  processes = [await startProcess(database.url, options), await startProcess(database.url, options)];
});
beforeEach(() => admin.query('TRUNCATE cost_limit, cost_entry, run_event, run CASCADE'));
afterAll(async () => {
  await Promise.all(processes.map((running) => running.stop()));
  await admin.end();
  await database.drop();
});

const any = () => processes[0] as RunningProcess;
type Asker = typeof MAKER & { readonly makerIds?: string[] };

/** Nothing where it was done, else what it was refused with. */
const refusalOf = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(() => undefined).catch(({ code, message }) => `${code}: ${message}`);

function run(asker: Asker, slug = 'clerk') {
  const request = { params: { slug }, body: { payload: { greeting: 'hello' } }, asker };
  return refusalOf(any().send(agents.runAgent, request));
}

async function set(principal: string, micros: number, asker: Asker = OTHER): Promise<Limit> {
  const request = { body: { principal, period: 'day', micros }, asker };
  return ((await any().send(agents.setCostLimit, request)).json as { data: Limit }).data;
}

const lift = (id: number, asker: Asker) =>
  any().send(agents.deleteCostLimit, { params: { id: String(id) }, asker });

async function used(): Promise<Record<string, number>> {
  const { json } = await any().send(agents.listCostLimits, {});
  const { data } = json as { data: Limit[] };
  return Object.fromEntries(data.map(({ principal, used_micros }) => [principal, used_micros]));
}

async function spent(query = ''): Promise<{ total: number; names: string[] }> {
  const { json } = await any().send(agents.getUsage, { query: `group_by=principal${query}` });
  const { data } = json as { data: { total: { cost_micros: number }; groups: { name: string }[] } };
  return { total: data.total.cost_micros, names: data.groups.map(({ name }) => name).sort() };
}

test('a limit that keys of its key have used up refuses them and it before they begin, and nobody else', async () => {
  expect(await run(CHILD)).toBeUndefined();
  const { total } = await spent();
  await set('key:1', total);
  const opening = 'it opens again at \\d{4}-\\d\\d-\\d\\dT00:00:00Z\\.$';
  const ofMaker = (of: string, whose: string) =>
    new RegExp(
      `^usage_limit_exceeded: The daily cost limit of ${of} \\(${whose}\\) has no room .*${opening}`,
    );
  expect(await run(CHILD)).toMatch(ofMaker('key:1', 'a maker of key:2'));
  expect(await run(GRANDCHILD)).toMatch(ofMaker('key:1', 'a maker of key:3'));
  expect(await run(MAKER)).toMatch(ofMaker('key:1', '0\\.\\d{6} US dollars'));
  expect(await run(OTHER)).toBeUndefined();
  const message = { body: { content: 'Hello!' }, asker: CHILD };
  expect(await refusalOf(any().send(agents.sendMessage, message))).toMatch(
    ofMaker('key:1', 'a maker of key:2'),
  );
});

test('a run in the middle that a maker’s limit has no room for ends, and tells whose limit it is', async () => {
  await set('key:1', 1);
  expect(await run(CHILD)).toMatch(
    /^execution_failed: The run failed: the daily cost limit of key:1 \(a maker of key:2\) has no room/,
  );
  expect(await used()).toEqual({ 'key:1': 0 });
});

test('many runs at once of two keys, in two processes, never pass the limit of the key that made both', async () => {
  await run(CHILD);
  const { total: each } = await spent();
  const { rows } = await admin.query('SELECT reserved_micros::int4 AS reserved FROM cost_entry');
  await set('key:1', rows[0].reserved + 5 * each);
  const askers = [CHILD, { id: 'key:5', makerIds: ['key:1'] }];
  const all = Array.from({ length: RUNS_AT_ONCE }, (_, nth) => {
    const request = { params: { slug: 'clerk' }, body: { payload: { greeting: 'hello' } } };
    const asked = { ...request, asker: askers[nth % 2] as Asker };
    return refusalOf((processes[(nth >> 1) % 2] as RunningProcess).send(agents.runAgent, asked));
  });
  const done = (await Promise.all(all)).filter((refusal) => refusal === undefined).length;
  const { total } = await spent();
  expect([done > 0, done < RUNS_AT_ONCE, total]).toEqual([true, true, each * (1 + done)]);
  expect(total).toBeLessThanOrEqual(rows[0].reserved + 5 * each);
  expect(await used()).toEqual({ 'key:1': total });
});

test('what sub-agents of a key’s run spend counts for its makers, in limits and in usage', async () => {
  await set('key:1', 1_000_000);
  await set('key:3', 1_000_000);
  const request = {
    params: { slug: 'host' },
    body: { payload: { ask: 'Ask the clerk.' } },
    asker: GRANDCHILD,
  };
  await any().send(agents.runAgent, request);
  const { rows } = await admin.query(`SELECT caller ->> 'principalId' AS id FROM run WHERE kind = 'sub'`);
  expect(rows).toEqual([{ id: 'key:3' }]);
  await run(MAKER);
  await run(OTHER);
  const [all, ofMaker, ofChild] = [
    await spent(),
    await spent('&principal=key:1'),
    await spent('&principal=key:2'),
  ];
  expect([all.names, ofMaker.names, ofChild.names]).toEqual([
    ['key:1', 'key:3', 'key:4'],
    ['key:1', 'key:3'],
    ['key:3'],
  ]);
  expect(await used()).toEqual({ 'key:1': ofMaker.total, 'key:3': ofChild.total });
  expect(await spent('&principal=key:9')).toEqual({ total: 0, names: [] });
});

test('a limit of a maker in one workspace says nothing in another', async () => {
  await set('key:1', 0);
  const request = { params: { slug: 'clerk' }, body: { payload: { greeting: 'hello' } }, asker: CHILD };
  expect(await refusalOf(any().send(agents.runAgent, request, { id: WORKSPACE_ID + 1 }))).toBeUndefined();
  expect(await used()).toEqual({ 'key:1': 0 });
});

test('a key raises and lifts neither its own limit nor one of its makers, and lowers both', async () => {
  const [ofMaker, ofChild] = [await set('key:1', 100), await set('key:2', 100)];
  for (const { id, principal } of [ofMaker, ofChild]) {
    const refused = [
      await refusalOf(set(principal, 101, CHILD)),
      await refusalOf(set(principal, 1_000, GRANDCHILD)),
      await refusalOf(lift(id, CHILD)),
      await refusalOf(lift(id, GRANDCHILD)),
    ];
    for (const refusal of refused)
      expect(refusal).toMatch(/^access_denied: What key:[23] spends counts for this limit, of key:[12]:/);
    expect(await set(principal, 90, CHILD)).toMatchObject({ id, micros: 90 });
  }
  const { json } = await any().send(agents.listCostLimits, {});
  expect((json as { data: object[] }).data).toMatchObject([{ micros: 90 }, { micros: 90 }]);
  expect(await set('key:2', 200, MAKER)).toMatchObject({ micros: 200 });
  expect(await refusalOf(lift(ofMaker.id, OTHER))).toBeUndefined();
});
