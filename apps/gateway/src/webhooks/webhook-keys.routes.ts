import { webhooks } from '@magistry/contracts';
import type { Caller } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import type { FastifyInstance } from 'fastify';
import type { ChargeRefusal } from '../pipeline/charge-refusal.js';
import { REQUEST_ID_HEADER } from '../pipeline/request-id.js';

const ANSWER_TIMEOUT_MS = 2_000;
const KEPT_MS = 60_000;

/** The keys that receivers of `signing: ed25519` verify with; asked for once a minute, for whoever asks. */
export function addWebhookKeysRoute(
  http: FastifyInstance,
  caller: Caller,
  chargeRefusal: ChargeRefusal,
): void {
  let kept: { readonly at: number; readonly keys: Promise<Uint8Array> } | undefined;
  const keys = () => {
    if (kept && performance.now() - kept.at < KEPT_MS) return kept.keys;
    const context = systemContext('gateway', { deadlineMs: ANSWER_TIMEOUT_MS });
    const asked = caller.call(webhooks.getSigningKeys, {}, context).then(({ jwksJson }) => jwksJson);
    kept = { at: performance.now(), keys: asked };
    asked.catch(() => {
      kept = undefined;
    });
    return asked;
  };
  http.get('/.well-known/webhook-keys.json', async (request, reply) => {
    await chargeRefusal.chargeAddress(request.ip);
    const body = Buffer.from(await keys());
    return reply
      .header(REQUEST_ID_HEADER, request.id)
      .header('cache-control', `public, max-age=${KEPT_MS / 1_000}`)
      .type('application/jwk-set+json')
      .send(body);
  });
}
