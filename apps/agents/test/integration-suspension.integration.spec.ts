import { agents } from '@magistry/contracts';
import { createTestDatabase, type TestDatabase } from '@magistry/testing';
import pg from 'pg';
import { Database } from '../src/storage/database.js';
import { IntegrationStore } from '../src/storage/integration-store.js';
import { type RunningProcess, startProcess, WORKSPACE_ID } from './agents.fixture.js';

const PRINCIPAL = 'key:9';
const WANTED = {
  ...{ name: 'Widget', slug: 'catalog-assistant', principalId: PRINCIPAL, apiKeyId: 9, scopes: ['*'] },
  ...{ dailyCreditLimit: null, createdAt: new Date() },
};

let testDatabase: TestDatabase;
let database: Database;
let store: IntegrationStore;
let running: RunningProcess;
let admin: pg.Client;
let id: number;

beforeAll(async () => {
  testDatabase = await createTestDatabase('agents');
  database = new Database(testDatabase.url, () => undefined);
  store = new IntegrationStore(database);
  running = await startProcess(testDatabase.url);
  admin = new pg.Client({ connectionString: testDatabase.adminUrl, options: '-c search_path=agents' });
  await admin.connect();
});
beforeEach(async () => {
  await admin.query('TRUNCATE integration, audit_outbox CASCADE');
  ({ id } = await database.transactionIn(WORKSPACE_ID, (transaction) =>
    store.insert(transaction, WORKSPACE_ID, WANTED),
  ));
});
afterAll(async () => {
  await running.stop();
  await database.onApplicationShutdown();
  await admin.end();
  await testDatabase.drop();
});

const suspend = async (reason: string, more = {}) =>
  (
    await running.call(agents.setIntegrationSuspension, {
      ...{ workspaceId: WORKSPACE_ID, id, reason },
      ...more,
    })
  ).integration;
const statusNow = async () => (await store.findByPrincipal(WORKSPACE_ID, PRINCIPAL))?.status;

async function audited() {
  const { rows } = await admin.query(
    'SELECT workspace_id AS workspace, action, subject, details FROM audit_outbox ORDER BY number',
  );
  return rows;
}

test('a suspended integration is so until it is resumed, and then what its workspace set it to meanwhile', async () => {
  const suspended = { id, name: 'Widget', agent: 'catalog-assistant', status: 'suspended' };
  expect(await suspend('abuse')).toMatchObject({ ...suspended, suspensionReason: 'abuse' });
  for (const status of ['disabled', 'active', 'disabled'] as const) {
    expect(await store.update(WORKSPACE_ID, id, { status })).toMatchObject({ status: 'suspended' });
    expect(await statusNow()).toBe('suspended');
  }
  expect(await suspend('')).toMatchObject({ status: 'disabled', suspensionReason: '' });
  expect(await statusNow()).toBe('disabled');
});

test("the workspace's audit log has both, with the reason, and nothing of what changed nothing", async () => {
  for (const reason of ['', 'abuse', 'abuse', '', '']) await suspend(reason);
  const entry = { workspace: WORKSPACE_ID, subject: `integration:${id}` };
  expect(await audited()).toEqual([
    { ...entry, action: 'integration.suspended', details: { reason: 'abuse' } },
    { ...entry, action: 'integration.resumed', details: { reason: null } },
  ]);
});

test.each<[string, () => ReturnType<typeof suspend>, string]>([
  ['an integration that is not there', () => suspend('abuse', { id: id + 1 }), 'not_found'],
  ["another workspace's integration", () => suspend('abuse', { workspaceId: 8 }), 'not_found'],
  ['a reason of two lines', () => suspend('abuse\nof it'), 'validation_failed'],
  ['a reason without end', () => suspend('a'.repeat(501)), 'validation_failed'],
])('%s is refused, and nothing is suspended', async (_, ask, code) => {
  await expect(ask()).rejects.toMatchObject({ code });
  expect([await statusNow(), await audited()]).toEqual(['active', []]);
});
