import { eventually } from './eventually.fixture.js';
import { GatewayClient } from './gateway.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

/** A gateway tells of uses every 4 s. */
const TOLD_MS_MAX = 10_000;
const TEST_MS_MAX = 30_000;

const system = systemUnderTest();
let workspaces: Workspaces;
let workspace: TestWorkspace;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  workspace = await workspaces.create();
});
afterAll(() => workspaces?.close());

interface Entry {
  readonly action: string;
  readonly actor: string;
  readonly subject: string;
  readonly request_id: string | null;
  readonly address: string | null;
}

async function entries(query = ''): Promise<Entry[]> {
  const { status, json } = await workspace.client.get(`/v1/audit?limit=100&order=asc&${query}`);
  expect(status).toBe(200);
  return json.data;
}

test(
  'the log tells who did what with credentials and controls, in order, by which request, and never a secret',
  async () => {
    const { client } = workspace;
    const made = await client.write('POST', '/api/v1/api-keys', { name: 'site', scopes: ['audit:read'] });
    const { id, key } = made.json.data;
    const subject = `key:${id}`;
    expect((await new GatewayClient(system.gatewayUrl, key).get('/v1/audit')).status).toBe(200);
    await eventually(TOLD_MS_MAX, async () => {
      expect((await entries('action=api_key.first_used')).map((entry) => entry.subject)).toContain(subject);
    });
    const turned = await client.write('POST', `/api/v1/api-keys/${id}/rotate`, {});
    const successor = `key:${turned.json.data.id}`;
    await client.write('DELETE', `/api/v1/api-keys/${turned.json.data.id}`, undefined);
    await client.write('PUT', '/v1/killswitch', { engaged: false, reason: 'stock is counted' });
    const grant = { name: 'sync', scopes: ['audit:read'] };
    const service = (await client.write('POST', '/v1/service-credentials', grant)).json.id;
    const minted = await client.write('POST', `/v1/service-credentials/${service}/mint`, {});
    await client.write('DELETE', `/v1/service-credentials/${service}`, undefined);
    const told = await eventually(TOLD_MS_MAX, async () => {
      const all = await entries();
      expect(all.map((entry) => `${entry.action} ${entry.subject}`)).toEqual(
        expect.arrayContaining([
          `api_key.created ${subject}`,
          `api_key.rotated ${subject}`,
          `api_key.revoked ${successor}`,
          'killswitch.flipped killswitch',
          `service_credential.created ${service}`,
          `service_credential.minted ${service}`,
          `service_credential.revoked ${service}`,
        ]),
      );
      return all;
    });
    const created = told.find((entry) => entry.action === 'api_key.created' && entry.subject === subject);
    expect(created).toMatchObject({
      request_id: made.headers['x-request-id'],
      address: '127.0.0.1',
    });
    const secrets = [key, turned.json.data.key].map((secret: string) => secret.split('_')[3] ?? secret);
    for (const secret of [...secrets, minted.json.token]) expect(JSON.stringify(told)).not.toContain(secret);
  },
  TEST_MS_MAX,
);

test('another workspace sees none of it', async () => {
  const other = await workspaces.create();
  const { json } = await other.client.get('/v1/audit?limit=100');
  const mine = new Set(
    (await entries()).map(({ actor }) => actor).filter((actor) => actor.startsWith('key:')),
  );
  expect(json.data.filter((entry: Entry) => mine.has(entry.actor))).toEqual([]);
});
