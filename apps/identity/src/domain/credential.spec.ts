import { type Credential, isUsable, resolved } from './credential.js';

const NOW = new Date('2026-05-25T06:14:02Z');
const LINEN_HOUSE = { id: 3, slug: 'linen-house', tier: 'pro', isSandbox: false } as const;

function aKey(overrides: Partial<Credential> = {}): Credential {
  return {
    apiKeyId: 12,
    principalKeyId: 12,
    isTest: false,
    isRotated: false,
    makerIds: [],
    isIntegration: false,
    partner: null,
    workspace: LINEN_HOUSE,
    scopes: ['read'],
    tier: null,
    limitPerMinute: null,
    apiVersion: '2026-05-01',
    expiresAt: null,
    revokedAt: null,
    ...overrides,
  };
}

const partner = { slug: 'research-tool', status: 'approved' };

test.each([
  ['a plain key', aKey()],
  ['a key before its expiry', aKey({ expiresAt: new Date(NOW.getTime() + 1) })],
  ['a partner key without a workspace', aKey({ partner, workspace: null })],
])('%s is usable', (_, credential) => expect(isUsable(credential, NOW)).toBe(true));

test.each([
  ['a key at its expiry', aKey({ expiresAt: NOW })],
  ['a key whose expiry cannot be read', aKey({ expiresAt: new Date(Number.NaN) })],
  ['a revoked key', aKey({ revokedAt: NOW })],
  ['a key of a deleted workspace', aKey({ workspace: null })],
  ['a key of a suspended partner', aKey({ partner: { ...partner, status: 'suspended' } })],
])('%s is not usable', (_, credential) => expect(isUsable(credential, NOW)).toBe(false));

test('a key acts as itself, at the tier of its workspace unless it has one', () => {
  expect(resolved(aKey({ makerIds: ['key:9'] }))).toEqual({
    principalId: 'key:12',
    actor: 'key:12',
    scopes: ['read'],
    tier: 'pro',
    limitPerMinute: 0,
    apiVersion: '2026-05-01',
    expiresUnixMs: 0,
    isPartner: false,
    apiKeyId: 12,
    isRotated: false,
    makerIds: ['key:9'],
    dpopThumbprint: '',
    workspace: LINEN_HOUSE,
  });
  expect(resolved(aKey({ tier: 'free', limitPerMinute: 7, expiresAt: NOW }))).toMatchObject({
    tier: 'free',
    limitPerMinute: 7,
    expiresUnixMs: NOW.getTime(),
  });
});

test('a rotated key and its successor are one principal', () => {
  expect(resolved(aKey({ apiKeyId: 12, principalKeyId: 7, isRotated: true }))).toMatchObject({
    principalId: 'key:7',
    actor: 'key:7',
    apiKeyId: 12,
    isRotated: true,
  });
});

test('a partner key acts as its partner, without a pin', () => {
  expect(resolved(aKey({ partner, workspace: null, apiVersion: null }))).toEqual({
    principalId: 'partner:research-tool',
    actor: 'partner:research-tool',
    scopes: ['read'],
    tier: '',
    limitPerMinute: 0,
    apiVersion: '',
    expiresUnixMs: 0,
    isPartner: true,
    apiKeyId: 12,
    isRotated: false,
    makerIds: [],
    dpopThumbprint: '',
  });
});

test("an integration's key acts as its integration, and as the same one after a rotation", () => {
  const credential = aKey({ apiKeyId: 12, principalKeyId: 7, isIntegration: true });
  expect(resolved(credential)).toMatchObject({ principalId: 'key:7', actor: 'integration:7' });
});
