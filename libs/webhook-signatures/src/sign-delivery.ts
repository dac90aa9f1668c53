import { createHmac, type KeyObject, sign } from 'node:crypto';
import { secretBytes } from './secret.js';

export interface DeliveryToSign {
  /** The event's id, the same on every attempt. */
  readonly id: string;
  /** Of the attempt, Unix seconds. */
  readonly timestampSeconds: number;
  /** Exactly the bytes that are sent. */
  readonly body: Uint8Array;
  /** Each signs: during a rotation the new one and those in their grace, newest first. */
  readonly secrets: readonly string[];
  /** Ed25519 keys that sign besides (`v1a`). */
  readonly privateKeys?: readonly KeyObject[];
}

export interface SignatureHeaders extends Readonly<Record<string, string>> {
  readonly 'x-magistry-signature': string;
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/**
 * The headers that prove a delivery, in both forms: `X-Magistry-Signature: t=…,v1=…` (seed 000, hex over `t.body`,
 * keyed by the whole secret string) and the Standard Webhooks trio (base64 over `id.t.body`, keyed by its bytes).
 */
export function signDelivery(delivery: DeliveryToSign): SignatureHeaders {
  const { id, timestampSeconds, secrets, privateKeys = [] } = delivery;
  const ours = secrets.map((secret) => `v1=${magistrySignature(secret, delivery)}`);
  const standard = [
    ...secrets.map((secret) => `v1,${standardSignature(secret, delivery)}`),
    ...privateKeys.map((key) => `v1a,${sign(null, standardContent(delivery), key).toString('base64')}`),
  ];
  return {
    'x-magistry-signature': [`t=${timestampSeconds}`, ...ours].join(','),
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': standard.join(' '),
  };
}

type Signed = Pick<DeliveryToSign, 'id' | 'timestampSeconds' | 'body'>;

/** Lower-case hex of HMAC-SHA256 over `t.body`. */
export function magistrySignature(secret: string, { timestampSeconds, body }: Omit<Signed, 'id'>): string {
  return createHmac('sha256', secret).update(`${timestampSeconds}.`).update(body).digest('hex');
}

/** Base64 of HMAC-SHA256 over `id.t.body` (Standard Webhooks). Throws on a secret that is no `whsec_`. */
export function standardSignature(secret: string, { id, timestampSeconds, body }: Signed): string {
  const key = secretBytes(secret);
  if (!key) throw new Error('A signing secret is whsec_ and base64 of 24 to 64 bytes.');
  return createHmac('sha256', key).update(`${id}.${timestampSeconds}.`).update(body).digest('base64');
}

export function standardContent({ id, timestampSeconds, body }: Signed): Buffer {
  return Buffer.concat([Buffer.from(`${id}.${timestampSeconds}.`), body]);
}
