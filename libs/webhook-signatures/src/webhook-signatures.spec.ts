import { createHmac, generateKeyPairSync } from 'node:crypto';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import {
  MemoryReplayCache,
  newSecret,
  newSigningKey,
  openPrivateKey,
  publicKeyEntry,
  secretBytes,
  signDelivery,
  WebhookVerifier,
} from './index.js';

const id = 'evt_01JDFW3M2Q';
const text = JSON.stringify({
  id,
  type: 'decision.applied',
  created_at: '2026-11-24T12:00:00Z',
  data: { a: 'ü' },
});
const body = Buffer.from(text);
const now = Date.now();
const timestampSeconds = Math.floor(now / 1_000);
const [newer, older] = [newSecret(), newSecret()];

function signed(more: Partial<Parameters<typeof signDelivery>[0]> = {}) {
  return signDelivery({ id, timestampSeconds, body, secrets: [newer, older], ...more });
}

/** As Stripe's libraries do it: split at commas, any v1 may match. */
function isStripeStyle(header: string, secret: string): boolean {
  const parts = header.split(',').map((part) => part.split('='));
  const t = parts.find(([name]) => name === 't')?.[1];
  const expected = createHmac('sha256', secret).update(`${t}.${text}`).digest('hex');
  return parts.some(([name, value]) => name === 'v1' && value === expected);
}

describe('during a rotation the receiver who holds either secret verifies', () => {
  test.each([
    ['the newer', newer],
    ['the older', older],
  ])('with %s', (_which, secret) => {
    const headers = signed();
    expect(new StandardWebhook(secret).verify(text, headers)).toEqual(JSON.parse(text));
    expect(() => new SvixWebhook(secret).verify(text, headers)).not.toThrow();
    expect(isStripeStyle(headers['x-magistry-signature'], secret)).toBe(true);
    expect(new WebhookVerifier({ secrets: [secret] }).verify({ headers, body }).id).toBe(id);
  });

  test('and nobody else', () => {
    const headers = signed();
    const stranger = newSecret();
    expect(() => new StandardWebhook(stranger).verify(text, headers)).toThrow();
    expect(() => new SvixWebhook(stranger).verify(text, headers)).toThrow();
    expect(isStripeStyle(headers['x-magistry-signature'], stranger)).toBe(false);
    expect(() => new WebhookVerifier({ secrets: [stranger] }).verify({ headers, body })).toThrow();
  });
});

test('the printed form is t and one v1 a secret, and the trio', () => {
  expect(signed()).toEqual({
    'x-magistry-signature': expect.stringMatching(/^t=\d{10},v1=[0-9a-f]{64},v1=[0-9a-f]{64}$/),
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': expect.stringMatching(/^v1,[A-Za-z0-9+/=]{44} v1,[A-Za-z0-9+/=]{44}$/),
  });
});

test('an ed25519 endpoint adds v1a, which the published key proves and libraries that know only v1 pass over', () => {
  const { privateKey, ...published } = newSigningKey();
  const headers = signed({ privateKeys: [openPrivateKey(privateKey)] });
  const publicKeys = [publicKeyEntry(published)];
  expect(new WebhookVerifier({ publicKeys }).verify({ headers, body }).id).toBe(id);
  expect(new StandardWebhook(newer).verify(text, headers)).toBeDefined();
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  expect(() => new WebhookVerifier({ publicKeys: [{ x }] }).verify({ headers, body })).toThrow('known key');
});

test.each([
  ['24 bytes', 24, true],
  ['64 bytes', 64, true],
  ['23 bytes', 23, false],
  ['65 bytes', 65, false],
])('a secret of %s', (_name, length, isGood) => {
  expect(secretBytes(`whsec_${Buffer.alloc(length).toString('base64')}`) !== undefined).toBe(isGood);
});

test.each(['', 'whsec_', newSecret().slice(6), `whsec_${'!'.repeat(40)}`, `${newSecret()}\n`])(
  '%j is no secret',
  (it) => expect(secretBytes(it)).toBeUndefined(),
);

describe('a receiver', () => {
  const verifier = () => new WebhookVerifier({ secrets: [newer], now: () => now });
  const only = (name: string) => ({ [name]: signed()[name] });

  test('who keeps X-Magistry-Signature alone verifies by it', () => {
    const headers = { 'X-Magistry-Signature': signed()['x-magistry-signature'] };
    expect(verifier().verify({ headers, body })).toMatchObject({ id, timestampSeconds });
    expect(verifier().verify({ headers: new Headers(headers), body }).event['type']).toBe('decision.applied');
  });

  test.each([
    ['no headers', {}, body, 'headers_missing'],
    ['an id alone', only('webhook-id'), body, 'headers_missing'],
    ['a changed body', signed(), Buffer.from(text.replace('ü', 'u')), 'no_valid_signature'],
    [
      'a new id on a captured request',
      { ...signed(), 'webhook-id': 'evt_other' },
      body,
      'no_valid_signature',
    ],
    [
      'another time',
      { ...signed(), 'webhook-timestamp': String(timestampSeconds + 1) },
      body,
      'no_valid_signature',
    ],
    ['a time that is none', { ...only('x-magistry-signature'), 'webhook-timestamp': 'NaN' }, body, null],
    ['garbage', { 'x-magistry-signature': `t=${timestampSeconds},v1=ü,v1` }, body, 'no_valid_signature'],
    ['301 s ago', signed({ timestampSeconds: timestampSeconds - 301 }), body, 'timestamp_out_of_tolerance'],
    ['302 s ahead', signed({ timestampSeconds: timestampSeconds + 302 }), body, 'timestamp_out_of_tolerance'],
    ['299 s ago', signed({ timestampSeconds: timestampSeconds - 299 }), body, null],
    ['a signed body of another id', signed({ id: 'evt_other' }), body, 'body_invalid'],
  ])('given %s', (_name, headers, bytes, fault) => {
    const verifying = () => verifier().verify({ headers, body: bytes });
    if (fault === null) expect(verifying().id).toBe(id);
    else expect(verifying).toThrow(expect.objectContaining({ fault }));
  });

  test('handles an id once, and again only if handling failed', async () => {
    const receiver = verifier();
    const request = { headers: signed(), body };
    const failing = receiver.receive(request, () => Promise.reject(new Error('database away')));
    await expect(failing).rejects.toThrow('database away');
    const seen: string[] = [];
    const handle = (webhook: { id: string }) => seen.push(webhook.id);
    expect(await receiver.receive(request, handle)).toBe('handled');
    expect(await receiver.receive({ headers: signed({ secrets: [newer] }), body }, handle)).toBe('duplicate');
    expect(seen).toEqual([id]);
  });

  test('remembers ids for their time, and no more of them than it has room for', () => {
    let clock = 0;
    const cache = new MemoryReplayCache(() => clock, 2);
    expect([cache.claim('a', 10), cache.claim('a', 10), cache.claim('b', 10)]).toEqual([true, false, true]);
    clock = 10;
    expect([cache.claim('a', 20), cache.claim('c', 20), cache.claim('d', 20)]).toEqual([true, true, true]);
    expect([cache.claim('a', 20), cache.claim('d', 20)]).toEqual([true, false]);
  });
});
