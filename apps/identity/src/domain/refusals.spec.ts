import type { Credential } from './credential.js';
import { RefusalTally, refusalReason } from './refusals.js';

const HOUR_MS = 60 * 60 * 1_000;
const now = new Date('2026-11-24T10:00:00Z');
const before = new Date(now.getTime() - 1);
const key = { revokedAt: null, expiresAt: null } as Credential;

test.each([
  ['revoked', { revokedAt: before, expiresAt: before }],
  ['expired', { expiresAt: now }],
  ['owner_shut', { expiresAt: new Date(now.getTime() + 1) }],
])('a key is refused as %s', (reason, changed) => {
  expect(refusalReason({ ...key, ...changed }, now)).toBe(reason);
});

test('the first refusal is told, those of the next hour are counted and told with the one behind it', () => {
  const tally = new RefusalTally();
  expect(tally.count('key:1', 0)).toBe(1);
  for (let at = 1; at <= 1_000; at += 1) expect(tally.count('key:1', at)).toBe(0);
  expect(tally.count('key:2', 5)).toBe(1);
  expect(tally.count('key:1', HOUR_MS)).toBe(1_001);
  expect(tally.count('key:1', HOUR_MS + 1)).toBe(0);
});

test('what it remembers is bounded, and the longest untold is forgotten first', () => {
  const tally = new RefusalTally();
  for (let id = 0; id <= 10_000; id += 1) tally.count(`key:${id}`, id);
  expect(tally.count('key:10000', 10_001)).toBe(0);
  expect(tally.count('key:1', 10_001)).toBe(0);
  expect(tally.count('key:0', 10_001)).toBe(1);
});
