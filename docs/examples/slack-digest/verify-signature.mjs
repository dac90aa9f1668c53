import { createHmac, timingSafeEqual } from 'node:crypto';

const TOLERANCE_S = 5 * 60;

/**
 * Whether `X-Magistry-Signature: t=…,v1=…` proves that these bytes are Magistry's and fresh: an HMAC-SHA256 over
 * `t.body` under the endpoint's secret. While a secret is rotated there are several v1, of which one must fit.
 */
export function isSigned(header, body, secret, nowS = Date.now() / 1_000) {
  const parts = String(header ?? '')
    .split(',')
    .map((part) => part.split('='));
  const timestamp = parts.find(([name]) => name === 't')?.[1] ?? '';
  if (!(Math.abs(nowS - Number(timestamp)) <= TOLERANCE_S)) return false;
  const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest();
  return parts
    .filter(([name]) => name === 'v1')
    .map(([, hex = '']) => Buffer.from(hex, 'hex'))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
}
