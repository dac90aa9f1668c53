import { setTimeout as pause } from 'node:timers/promises';
import { identity } from '@magistry/contracts';
import { Broadcaster, Caller, type NatsConnection } from '@magistry/messaging';
import { connectTestNats } from '@magistry/testing';
import fc from 'fast-check';
import { pino } from 'pino';
import type { Gateway } from '../src/gateway.js';
import { ServiceTokens } from '../src/identity/service-tokens.js';
import { send } from './http.fixture.js';
import {
  bearer,
  DoubledServices,
  LINEN_HOUSE,
  PROPOSAL,
  startTestGateway,
  writeHeaders,
} from './platform.fixture.js';
import { AUDIENCE, ISSUER, SERVICE_ID, TokenForge } from './token-forge.fixture.js';

let gateway: Gateway;
let doubles: DoubledServices;
let nats: NatsConnection;
let forge: TokenForge;
let log = '';

const logger = pino(
  { level: 'info' },
  {
    write: (line: string) => {
      log += line;
    },
  },
);
const read = (token: string, headers = {}) =>
  send(gateway.url, '/v1/decisions', { headers: { ...bearer(token), ...headers } });

beforeAll(async () => {
  doubles = await DoubledServices.start();
  nats = await connectTestNats('test');
  forge = await TokenForge.open();
  gateway = await startTestGateway({ tokenAudience: AUDIENCE, unauthenticatedPerMinute: 600_000 }, logger);
});
beforeEach(() => {
  log = '';
  publish();
});
afterAll(async () => {
  await gateway.stop();
  await doubles.stop();
  await nats.drain();
});

function publish(changed: Partial<{ scopes: string[]; retiresUnixMs: number }> = {}): void {
  const published = { scopes: ['read'], retiresUnixMs: 0, ...changed };
  const answer = { publicJwkJson: JSON.stringify(forge.publicJwk), serviceCredentialId: SERVICE_ID };
  doubles.serviceKeys.set(forge.kid, { ...answer, workspace: LINEN_HOUSE, ...published });
}

/** As identity tells of a change. */
async function change(): Promise<void> {
  new Broadcaster(nats).send(identity.CREDENTIALS_CHANGED);
  await nats.flush();
  await pause(50);
}

test('a token of a service credential acts with its scopes, in its workspace', async () => {
  const token = forge.token();
  const answered = await read(token);
  expect([answered.status, answered.json.workspace]).toEqual([200, LINEN_HOUSE.slug]);
  const refused = await send(gateway.url, '/v1/killswitch', {
    method: 'PUT',
    headers: { ...bearer(token), 'content-type': 'application/json' },
    body: '{"engaged":true,"reason":"a test"}',
  });
  expect([refused.status, refused.json.code]).toEqual([403, 'access_denied']);
  expect((await send(gateway.url, '/v1/decisions', { headers: { 'x-api-key': token } })).status).toBe(200);
});

test('behind a token stand those that it names, and nobody behind one that names none', async () => {
  publish({ scopes: ['*'] });
  await change();
  for (const makers of [['svc_1', 'key:1'], undefined]) {
    const token = forge.token(forge.header(), forge.claims(makers && { maker_ids: makers }));
    const sent = { method: 'POST', headers: writeHeaders(token), body: JSON.stringify(PROPOSAL) };
    expect((await send(gateway.url, '/v1/planner/propose', sent)).status).toBe(200);
    expect(doubles.proposals.at(-1)?.context.principal?.makerIds).toEqual(makers ?? []);
  }
  publish();
  await change();
});

test('all tokens of a credential fill one bucket', async () => {
  const remaining = async () => Number((await read(forge.token())).headers['x-ratelimit-remaining']);
  const [first, second, third] = [await remaining(), await remaining(), await remaining()];
  expect(first - third).toBeGreaterThanOrEqual(first - second);
  expect(third).toBeLessThan(first);
});

test('clocks may be half a minute apart, both ways', async () => {
  const now = Math.floor(Date.now() / 1_000);
  const late = forge.token(forge.header(), forge.claims({ iat: now - 3_600, exp: now - 10 }));
  const early = forge.token(forge.header(), forge.claims({ iat: now + 20, exp: now + 3_620 }));
  expect([(await read(late)).status, (await read(early)).status]).toEqual([200, 200]);
});

test('every forgery is 401 with the same body, and leaves nothing but its line in the log', async () => {
  const headers = { 'x-request-id': 'forged' };
  const { text: expected } = await read('sk_live_nothing', headers);
  const forgeries = await forge.forgeries();
  expect(forgeries).toHaveLength(158);
  const accepted: string[] = [];
  for (const [name, token] of forgeries) {
    const { status, text } = await read(token, headers);
    if (status !== 401 || text !== expected) accepted.push(`${name}: ${status} ${text}`);
  }
  expect(accepted).toEqual([]);
  expect((await read(forge.token())).status).toBe(200);
  const linesOf = () => log.trim().split('\n');
  // A line is written once its answer is out, which may be after it came in here.
  const endsAt = performance.now() + 3_000;
  while (linesOf().length < forgeries.length + 2 && performance.now() < endsAt) await pause(20);
  const lines = linesOf();
  expect(lines).toHaveLength(forgeries.length + 2);
  expect(lines.filter((line) => JSON.parse(line).level > 30)).toEqual([]);
  expect(log).not.toContain('eyJ');
});

test('a token with one bit flipped, anywhere, is refused', async () => {
  const tokens = new ServiceTokens(new Caller(nats), { issuer: ISSUER, audience: AUDIENCE, keptMs: 60_000 });
  const good = Buffer.from(forge.token());
  await tokens.verify(good.toString());
  const accepted: string[] = [];
  for (let at = 0; at < good.length * 8; at += 1) {
    const flipped = Buffer.from(good);
    flipped[at >> 3] = (flipped[at >> 3] ?? 0) ^ (1 << (at & 7));
    const outcome = await tokens.verify(flipped.toString('latin1')).catch(({ code }) => code);
    if (outcome !== 'unauthorized') accepted.push(`bit ${at}`);
  }
  expect(accepted).toEqual([]);
}, 60_000);

test('a token with any stretch replaced is refused over HTTP too', async () => {
  const good = forge.token();
  const letters = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_.='), minLength: 1, maxLength: 12 });
  const changes = fc.record({ at: fc.nat(good.length - 1), letters });
  const changed = changes
    .map(({ at, letters: put }) => good.slice(0, at) + put + good.slice(at + put.length))
    .filter((token) => token !== good);
  const property = fc.asyncProperty(changed, async (token) => (await read(token)).status === 401);
  const result = await fc.check(property, { numRuns: 150 });
  expect(result.failed ? `seed ${result.seed}: ${result.counterexample}` : 'held').toBe('held');
});

test('an unknown kid is asked for once by many, and then not again for a while', async () => {
  const kid = 'u'.repeat(43);
  const asked = () => doubles.askedKids.filter((known) => known === kid).length;
  const tokens = Array.from({ length: 20 }, () => forge.token(forge.header({ kid })));
  const answers = await Promise.all(tokens.map((token) => read(token)));
  expect(answers.every(({ status }) => status === 401)).toBe(true);
  expect(asked()).toBe(1);
  await read(forge.token(forge.header({ kid })));
  expect(asked()).toBe(1);
});

test('what cannot be a kid is never asked for', async () => {
  const before = doubles.askedKids.length;
  for (const kid of ['../../etc/passwd', "' OR 1=1 --", 'identity.>', 'k'.repeat(44)]) {
    expect((await read(forge.token(forge.header({ kid })))).status).toBe(401);
  }
  expect(doubles.askedKids.length).toBe(before);
});

test('once a key is gone its tokens are refused as soon as it is told, kept answers included', async () => {
  const token = forge.token();
  expect((await read(token)).status).toBe(200);
  doubles.serviceKeys.delete(forge.kid);
  await change();
  expect((await read(token)).status).toBe(401);
  publish();
  await change();
  expect((await read(token)).status).toBe(200);
});

test('a key in its grace counts to the very end of it, also in what is remembered', async () => {
  await change();
  publish({ retiresUnixMs: Date.now() + 700 });
  const token = forge.token();
  expect((await read(token)).status).toBe(200);
  await pause(750);
  expect((await read(token)).status).toBe(401);
  expect((await read(forge.token())).status).toBe(401);
  publish();
  await change();
});

test('while identity is away an unseen token is 503 and never 401, and forgeries stay 401', async () => {
  await doubles.remove(identity.resolveServiceKey);
  await change();
  const { status, headers } = await read(forge.token());
  expect([status, headers['retry-after']]).toEqual([503, '1']);
  expect((await read(forge.token(forge.header({ alg: 'none' })))).status).toBe(401);
  await doubles.restore();
});
