import { identity } from '@magistry/contracts';
import { type ApiCaller, aCaller, freshKey } from './caller.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

const DAY_AND_MORE_MS = 25 * 60 * 60 * 1_000;

let running: RunningIdentity;
let caller: ApiCaller;

beforeAll(async () => {
  running = await startIdentity();
});
beforeEach(async () => {
  caller = await aCaller(running);
});
afterEach(() => {
  running.clock.now = () => Date.now();
});
afterAll(() => running.stop());

const openWorkspace = (body: unknown, key: string) => caller.ask(identity.openWorkspace, { body, key });
const issue = (body: unknown, key: string, by = caller) => by.ask(identity.issueApiKey, { body, key });
const remove = (id: number, key: string) =>
  caller.ask(identity.deleteWorkspace, { params: { id: String(id) }, key });

test('copies of one create under one key make one workspace, and all tell the same bytes', async () => {
  const key = freshKey();
  const told = await Promise.all(Array.from({ length: 12 }, () => openWorkspace({ name: 'Keyed' }, key)));
  expect(new Set(told.map(({ text }) => text)).size).toBe(1);
  expect(told.every(({ status }) => status === 201)).toBe(true);
  expect(told.filter(({ headers }) => headers['Idempotent-Replayed'] === 'true')).toHaveLength(11);
  const { rows } = await running.asOwner(`SELECT id FROM workspace WHERE name = 'Keyed'`);
  expect(rows).toHaveLength(1);
});

test('another body under a used key says what differs; a refused body leaves the key free', async () => {
  const key = freshKey();
  await expect(openWorkspace({ name: 'Free key', slug: 'NOT A SLUG' }, key)).rejects.toMatchObject({
    code: 'validation_failed',
  });
  expect((await openWorkspace({ name: 'Free key' }, key)).status).toBe(201);
  await expect(openWorkspace({ name: 'Other' }, key)).rejects.toMatchObject({
    code: 'idempotency_key_reused',
    extras: { mismatch: ['body'] },
  });
});

test('a retried create tells the same secret to the same principal and nobody else', async () => {
  const key = freshKey();
  const [first, second] = [await issue({ name: 'Retried' }, key), await issue({ name: 'Retried' }, key)];
  expect(second.text).toBe(first.text);
  expect(second.headers['Idempotent-Replayed']).toBe('true');
  const other = await issue({ name: 'Retried' }, key, caller.as({ principalId: 'key:999999' }));
  expect(other.json.data.key).not.toBe(first.json.data.key);
  const { rows } = await running.asOwner(`SELECT id FROM api_key WHERE name = 'Retried'`);
  expect(rows).toHaveLength(2);
});

test('a dump of the tables shows neither a secret nor an Idempotency-Key', async () => {
  const key = freshKey();
  const { json } = await issue({ name: 'Dumped' }, key);
  const { rows } = await running.asOwner(
    `SELECT i.*, k.* FROM idempotency i JOIN api_key k ON k.name = 'Dumped' WHERE i.workspace_id = $1`,
    [caller.workspace.id],
  );
  const dump = JSON.stringify(rows.map((row) => Object.values(row).map(readable)));
  expect(rows).toHaveLength(1);
  expect(dump).not.toContain(key);
  expect(dump).not.toContain(json.data.key.split('_')[3]);
});

const readable = (value: unknown) => (Buffer.isBuffer(value) ? value.toString('latin1') : String(value));

test('after a day a key is new again', async () => {
  const key = freshKey();
  const first = await issue({ name: 'Old' }, key);
  running.clock.now = () => Date.now() + DAY_AND_MORE_MS;
  const second = await issue({ name: 'Old' }, key);
  expect(second.json.data.key).not.toBe(first.json.data.key);
});

test('a retried delete is 204 again', async () => {
  const made = (await openWorkspace({ name: 'Deleted twice' }, freshKey())).json.data;
  const key = freshKey();
  const told = await Promise.all([remove(made.id, key), remove(made.id, key)]);
  expect(told.map(({ status, text }) => [status, text])).toEqual([
    [204, ''],
    [204, ''],
  ]);
});
