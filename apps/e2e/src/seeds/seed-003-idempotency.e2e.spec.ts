import { randomUUID } from 'node:crypto';
import type { GatewayClient } from '../gateway.fixture.js';
import { expectProblem } from '../problem.fixture.js';
import { systemUnderTest } from '../system.fixture.js';
import { type TestWorkspace, Workspaces } from '../workspaces.fixture.js';

// Seed 003 shows `POST /api/v1/posts`; posts are the host application's (design: api.md section 12).
const PATH = '/api/v1/workspaces';

let workspaces: Workspaces;
let home: TestWorkspace;
let client: GatewayClient;

beforeAll(async () => {
  workspaces = await Workspaces.open(systemUnderTest());
});
beforeEach(async () => {
  home = await workspaces.create();
  ({ client } = home);
});
afterAll(() => workspaces.close());

const under = (key: string) => ({ 'idempotency-key': key });
const total = async () => (await client.get(PATH)).json.meta.total;

test('same status and body again, and no second workspace', async () => {
  const key = randomUUID();
  const send = () => client.write('POST', PATH, { name: 'Once' }, under(key));
  const [first, second] = [await send(), await send()];
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(second.text).toBe(first.text);
  expect(first.headers['idempotent-replayed']).toBeUndefined();
  expect(second.headers['idempotent-replayed']).toBe('true');
  expect(second.headers['idempotency-original-request-id']).toBe(first.headers['x-request-id']);
  expect(await total()).toBe(2);
});

test('20 copies at once make one workspace', async () => {
  const key = randomUUID();
  const copies = await Promise.all(
    Array.from({ length: 20 }, () => client.write('POST', PATH, { name: 'Crowded' }, under(key))),
  );
  const made = copies.filter(({ status }) => status === 201);
  expect(new Set(made.map(({ text }) => text)).size).toBe(1);
  for (const copy of copies) if (copy.status !== 201) expectProblem(copy, 'idempotency_in_progress');
  expect(await total()).toBe(2);
});

test('a failed request can be retried under its key', async () => {
  const key = randomUUID();
  expectProblem(await client.write('POST', PATH, {}, under(key)), 'validation_failed');
  expect((await client.write('POST', PATH, { name: 'Mended' }, under(key))).status).toBe(201);
});

test('another request under a used key is 422 and says what differs', async () => {
  const key = randomUUID();
  await client.write('POST', PATH, { name: 'One' }, under(key));
  const other = await client.write('POST', PATH, { name: 'Other' }, under(key));
  expectProblem(other, 'idempotency_key_reused');
  expect(other.json.mismatch).toEqual(['body']);
});

test('the key is optional, and works on PATCH and DELETE too', async () => {
  const { json } = await client.send(PATH, { method: 'POST', body: { name: 'Unkeyed' } });
  const path = `${PATH}/${json.data.id}`;
  const [patchKey, deleteKey] = [randomUUID(), randomUUID()];
  const patch = () => client.write('PATCH', path, { name: 'Renamed' }, under(patchKey));
  expect((await patch()).text).toBe((await patch()).text);
  const remove = () => client.write('DELETE', path, undefined, under(deleteKey));
  expect([(await remove()).status, (await remove()).status]).toEqual([204, 204]);
});

test('a rotated key stays the same principal: its retry finds the first answer', async () => {
  const { json: own } = await client.write('POST', '/api/v1/api-keys', { name: 'turner', scopes: ['*'] });
  const old = client.withKey(own.data.key);
  const key = randomUUID();
  const first = await old.write('POST', PATH, { name: 'By the line' }, under(key));
  const turned = await old.write('POST', `/api/v1/api-keys/${own.data.id}/rotate`, {});
  const again = await client
    .withKey(turned.json.data.key)
    .write('POST', PATH, { name: 'By the line' }, under(key));
  expect(again.text).toBe(first.text);
  expect(again.headers['idempotent-replayed']).toBe('true');
});
