import { PLATFORM_SCOPES } from '@magistry/contracts';
import type { FastifyInstance } from 'fastify';
import { DPOP_ALGORITHMS } from '../identity/dpop-proofs.js';
import type { ChargeRefusal } from '../pipeline/charge-refusal.js';
import { REQUEST_ID_HEADER } from '../pipeline/request-id.js';
import { RESOURCE_METADATA_PATH } from '../presenters/oauth.js';

const KEPT_SECONDS = 3_600;

/** RFC 9728: which authorization server gives tokens for this API, and how they are sent. */
export function addProtectedResource(
  http: FastifyInstance,
  baseUrl: string,
  chargeRefusal: ChargeRefusal,
): void {
  const metadata = {
    resource: baseUrl,
    authorization_servers: [baseUrl],
    scopes_supported: PLATFORM_SCOPES,
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: DPOP_ALGORITHMS,
    resource_name: 'Magistry',
    resource_documentation: `${baseUrl}/docs`,
  };
  http.get(RESOURCE_METADATA_PATH, async (request, reply) => {
    await chargeRefusal.chargeAddress(request.ip);
    return reply
      .header(REQUEST_ID_HEADER, request.id)
      .header('cache-control', `public, max-age=${KEPT_SECONDS}`)
      .header('access-control-allow-origin', '*')
      .send(metadata);
  });
}
