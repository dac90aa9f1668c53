import { z } from 'zod';
import { none, page, text } from './fields.js';
import {
  ResolveServiceKeyRequestSchema,
  ResolveServiceKeyResponseSchema,
} from './generated/magistry/identity/v1/service_credentials_pb.js';
import { publicOperation, serviceCall } from './operation.js';

/** Credentials of programs, each with a key that signs tokens of 60 minutes (design: api.md section 2). */
const PATH = '/v1/service-credentials';
/** So that a token of all of them fits into a header. */
const SCOPES_MAX = 50;
const GRACE_MINUTES_MAX = 60;

/** A token of a service credential lives this long; nobody accepts one that claims more. */
export const SERVICE_TOKEN_SECONDS = 3_600;

/** `typ` in the header of such a token (RFC 9068). */
export const SERVICE_TOKEN_TYPE = 'at+jwt';

const aCredential = { id: { of: 'identity.list-service-credentials', member: 'id' } };
const params = z.strictObject({ id: text(64) });
const serviceCredential = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  kid: z.string(),
  status: z.enum(['active']),
  created_at: z.string(),
});

export const listServiceCredentials = publicOperation({
  name: 'identity.list-service-credentials',
  summary: 'List the service credentials of the workspace that are not revoked, oldest first.',
  scope: 'service-credentials:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: PATH, style: 'problem' }],
  params: none,
  query: z.strictObject(page),
  body: none,
  responses: {
    200: z.object({
      data: z.array(serviceCredential),
      next_cursor: z.string().nullable(),
      has_more: z.boolean(),
    }),
  },
});

export const createServiceCredential = publicOperation({
  name: 'identity.create-service-credential',
  summary: 'Make a service credential, with no scope that its maker lacks.',
  sample: { body: { name: 'Nightly sync', scopes: ['service-credentials:write'] } },
  scope: 'service-credentials:write',
  rateClass: 'write',
  idempotency: 'required',
  routes: [{ method: 'POST', path: PATH, style: 'problem' }],
  params: none,
  query: none,
  body: z.strictObject({ name: text(255), scopes: z.array(text(100)).min(1).max(SCOPES_MAX) }),
  responses: { 201: serviceCredential },
});

export const mintServiceToken = publicOperation({
  name: 'identity.mint-service-token',
  summary: 'Get a token of the credential, good for 60 minutes as `Authorization: Bearer`.',
  sample: { params: aCredential },
  scope: 'service-credentials:write',
  rateClass: 'write',
  idempotency: 'required',
  routes: [{ method: 'POST', path: `${PATH}/:id/mint`, style: 'problem' }],
  params,
  query: none,
  body: none,
  responses: {
    201: z.object({
      token: z.string(),
      token_type: z.literal('Bearer'),
      expires_in: z.literal(SERVICE_TOKEN_SECONDS),
      expires_at: z.string(),
    }),
  },
});

export const rotateServiceCredential = publicOperation({
  name: 'identity.rotate-service-credential',
  summary: 'Sign with a new key; what the old one signed is refused at once, or after the grace.',
  sample: { params: aCredential, body: { grace_minutes: 0 } },
  scope: 'service-credentials:write',
  rateClass: 'write',
  idempotency: 'required',
  routes: [{ method: 'POST', path: `${PATH}/:id/rotate`, style: 'problem' }],
  params,
  query: none,
  body: z.strictObject({ grace_minutes: z.int().min(0).max(GRACE_MINUTES_MAX).default(0) }),
  responses: { 200: serviceCredential },
});

export const revokeServiceCredential = publicOperation({
  name: 'identity.revoke-service-credential',
  summary: 'End a service credential: its tokens are refused everywhere within 5 s.',
  sample: { params: aCredential },
  scope: 'service-credentials:write',
  rateClass: 'write',
  idempotency: 'required',
  routes: [{ method: 'DELETE', path: `${PATH}/:id`, style: 'problem' }],
  params,
  query: none,
  body: none,
  responses: { 204: none },
});

/** Asked by gateways, by the `kid` of a token; refuses with `unauthorized`. */
export const resolveServiceKey = serviceCall({
  name: 'identity.resolve-service-key',
  request: ResolveServiceKeyRequestSchema,
  response: ResolveServiceKeyResponseSchema,
});
