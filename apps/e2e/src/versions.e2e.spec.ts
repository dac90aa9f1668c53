import { randomUUID } from 'node:crypto';
import { decisions, schemasAt } from '@magistry/contracts';
import { GatewayClient } from './gateway.fixture.js';
import { expectProblem } from './problem.fixture.js';
import { aSmallStep } from './proposal-load.fixture.js';
import { credentialsOf, systemUnderTest } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

const system = systemUnderTest();
const demo = credentialsOf(system);
const seeded = new GatewayClient(system.gatewayUrl, demo.api_key);
let workspaces: Workspaces;
let workspace: TestWorkspace;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  workspace = await workspaces.createOpen();
});
afterAll(() => workspaces.close());

const at = (version: string) => ({ 'x-magistry-version': version });
const shapeAt = (version: string) => schemasAt(decisions.getDecision, version).responses[200];

test('one decision has the shape of seed 000 for a seeded key and 2026-05-01, another at 2026-11-01', async () => {
  const { json } = await seeded.propose(aSmallStep(randomUUID()));
  const path = `/v1/decisions/${json.decision_id}`;
  const pinned = await seeded.get(path);
  const older = await seeded.get(path, at('2026-05-01'));
  const newer = await seeded.get(path, at('2026-11-01'));
  expect(older.text).toBe(pinned.text);
  expect(pinned.headers['x-magistry-version']).toBe('2026-05-01');
  expect(shapeAt('2026-05-01')?.parse(older.json)).toEqual(older.json);
  expect(shapeAt('2026-11-01')?.parse(newer.json)).toEqual(newer.json);
  expect(older.json.applied_by).toBe(`${newer.json.applied_by.agent}.${newer.json.applied_by.executor}`);
  expect(newer.json.judge).toEqual({ score: older.json.judge_score, verdict: 'PASS' });
  expect(older.headers).toMatchObject({
    deprecation: expect.stringMatching(/^@\d+$/),
    sunset: 'Mon, 01 Nov 2027 00:00:00 GMT',
    link: expect.stringContaining('rel="successor-version"'),
    vary: 'X-Magistry-Version',
  });
  expect(newer.headers).not.toHaveProperty('sunset');
});

test('a key made now is pinned to the newest version, one made for an older version stays there', async () => {
  const { json } = await workspace.client.propose(aSmallStep('pinned'));
  const path = `/v1/decisions/${json.decision_id}`;
  const newer = await workspace.client.get(path);
  expect(newer.headers['x-magistry-version']).toBe('2026-11-01');
  expect(newer.json).toHaveProperty('judge');
  const key = await workspaces.createKey(workspace.id, ['read'], { apiVersion: '2026-05-01' });
  const older = await workspace.client.withKey(key).get(path);
  expect(older.headers['x-magistry-version']).toBe('2026-05-01');
  expect(older.json).toHaveProperty('judge_score');
});

test('a reversal is replayed byte for byte in its version, and is another request in the other', async () => {
  const { json } = await workspace.client.propose(aSmallStep('reversed'));
  const key = { 'idempotency-key': randomUUID() };
  const first = await workspace.client.reverse(json.decision_id, { ...key, ...at('2026-05-01') });
  const again = await workspace.client.reverse(json.decision_id, { ...key, ...at('2026-05-01') });
  expect([again.text, again.headers['idempotent-replayed']]).toEqual([first.text, 'true']);
  const other = await workspace.client.reverse(json.decision_id, { ...key, ...at('2026-11-01') });
  expectProblem(other, 'idempotency_key_reused');
  expect(other.json.mismatch).toEqual(['version']);
});

test('an unknown date names the supported ones', async () => {
  const refused = await seeded.get('/v1/decisions', at('2030-01-01'));
  expectProblem(refused, 'unknown_api_version');
  expect(refused.json.supported).toEqual(['2026-05-01', '2026-11-01']);
});
