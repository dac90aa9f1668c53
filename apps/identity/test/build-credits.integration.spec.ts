import { create } from '@bufbuild/protobuf';
import { identity, type RequestContext, RequestContextSchema } from '@magistry/contracts';
import { Caller, type NatsConnection } from '@magistry/messaging';
import { newRequestId } from '@magistry/request-context';
import { connectTestNats } from '@magistry/testing';
import { type ApiCaller, aCaller, freshKey } from './caller.fixture.js';
import { LedgerDoubles } from './ledger-doubles.fixture.js';
import { aPartner, codeOf } from './programme.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

const DAY_LIMIT = 1_000;
/** Writes of one applicant wait for each other; on a busy machine that takes its time. */
const ANSWER_MS_MAX = 20_000;

let running: RunningIdentity;
let ledger: LedgerDoubles;
let nats: NatsConnection;
let gateway: Caller;
let applicant: ApiCaller;
let slug: string;
let sandbox: { id: number; slug: string };

beforeAll(async () => {
  running = await startIdentity();
  ledger = await LedgerDoubles.start();
  nats = await connectTestNats('gateway');
  gateway = new Caller(nats);
});
beforeEach(async () => {
  running.clock.now = () => Date.parse('2026-11-24T10:00:00Z');
  applicant = await aCaller(running, 'free');
  slug = await aPartner(applicant);
  const opened = await applicant.ask(identity.openSandbox, { params: { slug }, key: freshKey() });
  sandbox = opened.json.workspace;
});
afterAll(async () => {
  await nats.drain();
  await ledger.stop();
  await running.stop();
});

/** As a gateway asks before it passes on a write in the sandbox. */
function contextOf(key: string | undefined, fingerprint = new Uint8Array(64).fill(7)): RequestContext {
  const id = `partner:${slug}/test`;
  return create(RequestContextSchema, {
    requestId: newRequestId(),
    deadlineUnixMs: Date.now() + ANSWER_MS_MAX,
    principal: { id, actor: `partner:${slug}`, scopes: ['read'] },
    workspace: { ...sandbox, tier: 'free', isSandbox: true },
    ...(key !== undefined && { idempotency: { key, fingerprint } }),
  });
}
const spend = (key?: string, fingerprint?: Uint8Array<ArrayBuffer>) =>
  gateway.call(identity.spendBuildCredit, {}, contextOf(key, fingerprint));
const used = async () => (await applicant.ask(identity.getUsageSummary)).json.data.entitlements.build_credits;
const useUp = (quantity: number) =>
  applicant.ask(identity.recordUsage, { body: { feature: 'build_credits', quantity }, key: freshKey() });

test('a new sandbox has cost nothing, and each write in it costs its applicant one', async () => {
  expect(await used()).toMatchObject({ used: 0, limit: DAY_LIMIT, reset_at: '2026-11-25T00:00:00Z' });
  await spend();
  await spend(freshKey());
  expect((await used()).used).toBe(2);
});

test('a write that is repeated under its key costs one, also when it was mended in between', async () => {
  const key = freshKey();
  await Promise.all(Array.from({ length: 6 }, () => spend(key)));
  await spend(key, new Uint8Array(64).fill(9));
  expect((await used()).used).toBe(1);
});

test('of 24 writes at once exactly as many pass as are left, and the others are told where to get more', async () => {
  await useUp(DAY_LIMIT - 12);
  const outcomes = await Promise.all(Array.from({ length: 24 }, () => codeOf(spend(freshKey()))));
  const expected = [...Array(12).fill('done'), ...Array(12).fill('feature_limit_reached')];
  expect(outcomes.sort()).toEqual(expected);
  expect(await used()).toMatchObject({ used: DAY_LIMIT, available: 0 });
  await expect(spend()).rejects.toMatchObject({
    extras: { feature: 'build_credits', upgrade_url: 'https://example.com/upgrade' },
  });
});

test('what was paid for passes again when nothing is left, and what was refused passes the next day', async () => {
  const [paid, refused] = [freshKey(), freshKey()];
  await spend(paid);
  await useUp(DAY_LIMIT - 1);
  expect(await codeOf(spend(paid))).toBe('done');
  expect(await codeOf(spend(refused))).toBe('feature_limit_reached');
  running.clock.now = () => Date.parse('2026-11-25T00:00:00Z');
  expect(await codeOf(spend(refused))).toBe('done');
  expect((await used()).used).toBe(1);
});

test('all sandboxes of an applicant draw on one day, and the tier of the applicant counts', async () => {
  await spend();
  const first = sandbox;
  const body = { name: 'Other', contact_email: 'a@sync.example', description: 'x', scopes: ['read'] };
  slug = (await applicant.ask(identity.applyAsPartner, { body, key: freshKey() })).json.slug;
  const opened = await applicant.ask(identity.openSandbox, { params: { slug }, key: freshKey() });
  sandbox = opened.json.workspace;
  expect(sandbox.id).not.toBe(first.id);
  await spend();
  expect((await used()).used).toBe(2);
  await useUp(DAY_LIMIT - 2);
  expect(await codeOf(spend())).toBe('feature_limit_reached');
  const { id: workspaceId } = applicant.workspace;
  await running.call(identity.setWorkspaceTier, { workspaceId, tier: 'pro' });
  expect(await codeOf(spend())).toBe('done');
});

test('a workspace that is no sandbox has nobody to pay for it', async () => {
  sandbox = applicant.workspace;
  expect(await codeOf(spend())).toBe('not_found');
});
