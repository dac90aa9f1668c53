import { randomUUID } from 'node:crypto';
import { WebhookVerifier } from '@magistry/webhook-signatures';
import { aSmallStep } from './proposal-load.fixture.js';
import { Receiver } from './receiver.fixture.js';
import { killProcess, systemUnderTest, untilReady } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

const DELIVERED_MS_MAX = 15_000;
const system = systemUnderTest();

let workspaces: Workspaces;
let receiver: Receiver;
let home: TestWorkspace;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  receiver = await Receiver.open();
  home = await workspaces.createOpen();
});
afterAll(async () => {
  await receiver.close();
  await workspaces.close();
});

const subscribe = (path: string, events: string[], more: object = {}) =>
  home.client.write('POST', '/v1/webhooks', { url: `${receiver.url}${path}`, events, ...more });
const got = (path: string, type: string, fits: (data: Record<string, unknown>) => boolean = () => true) =>
  receiver.got(DELIVERED_MS_MAX, (one) => one.path === path && one.json.type === type && fits(one.json.data));

test('a decision reaches each endpoint once, at its version, with tenant and severity', async () => {
  await subscribe('/older', ['decision.*', 'killswitch.flipped'], { api_version: '2026-05-01' });
  await subscribe('/newer', ['decision.applied'], { api_version: '2026-11-01' });
  const sku = `sku-${randomUUID()}`;
  const { json } = await home.client.propose({ ...aSmallStep(randomUUID()), sku });
  const older = await got('/older', 'decision.applied', ({ subject }) => subject === sku);
  const newer = await got('/newer', 'decision.applied', ({ subject }) => subject === sku);
  expect(older.json.data).toMatchObject({
    ...{ decision_id: json.decision_id, tenant: home.slug, severity: 'info' },
    judge_score: expect.any(Number),
  });
  const row = await home.client.get(`/v1/decisions/${json.decision_id}`, {
    'x-magistry-version': '2026-11-01',
  });
  expect(newer.json.data).toEqual({ ...row.json, tenant: home.slug, severity: 'info' });
  expect(newer.json.id).toBe(older.json.id);
  await got('/older', 'decision.proposed', ({ subject }) => subject === sku);
  await home.client.setKillSwitch(true, 'stock count');
  const flipped = await got('/older', 'killswitch.flipped');
  expect(flipped.json.data).toMatchObject({ severity: 'critical', reason: 'stock count' });
  await home.client.setKillSwitch(false);
});

test('an endpoint that asked for it gets signatures that the published keys verify', async () => {
  await subscribe('/ed25519', ['post.created'], { signing: 'ed25519' });
  await home.client.write('POST', '/api/v1/events', { type: 'post.created', data: {} });
  const sent = await got('/ed25519', 'post.created');
  const published = await home.client.withKey(undefined).get('/.well-known/webhook-keys.json');
  expect(published.headers['content-type']).toContain('application/jwk-set+json');
  const verifier = new WebhookVerifier({ publicKeys: published.json.keys });
  expect(verifier.verify({ headers: sent.headers, body: Buffer.from(sent.text) }).id).toBe(sent.json.id);
});

test('what is decided while the service is killed reaches its endpoint afterwards, once', async () => {
  await subscribe('/after', ['decision.applied']);
  await killProcess(system, 'webhooks');
  const skus = Array.from({ length: 20 }, () => `sku-${randomUUID()}`);
  for (const sku of skus) await home.client.propose({ ...aSmallStep(randomUUID()), sku });
  await untilReady(system);
  for (const sku of skus) await got('/after', 'decision.applied', ({ subject }) => subject === sku);
  const ids = receiver.received.filter(({ path }) => path === '/after').map(({ json }) => json.id);
  expect(new Set(ids).size).toBe(ids.length);
}, 60_000);
