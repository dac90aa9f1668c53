import type { RateRule } from './rate-table.js';

/** Gateways that were heard of lately. */
export const GATEWAYS_KEY = 'magistry:gateways';

export function onceKey(name: string): string {
  return `magistry:once:${name}`;
}

// The braces keep all keys of a principal on one node of a cluster, as one script needs them.
export function bucketKey(principalId: string, { bucket }: RateRule): string {
  return `magistry:{${principalId}}:limit:${bucket}`;
}

export function inFlightKey(principalId: string): string {
  return `magistry:{${principalId}}:in-flight`;
}

export function claimKey(principalId: string, keyHmac: Buffer): string {
  return `magistry:{${principalId}}:claim:${keyHmac.toString('base64url')}`;
}
