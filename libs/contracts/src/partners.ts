import { z } from 'zod';
import { none, page, text } from './fields.js';
import { publicOperation } from './operation.js';

/** The partner programme (design: api.md section 8, after seed 001). */
const PATH = '/v1/partners';
const SCOPES_MAX = 200;
/** The sandbox is filled step by step, each a committed row of its ledger. */
const SANDBOX_DEADLINE_MS = 5_000;

const ownPartner = { slug: { of: 'identity.list-registered-partners', member: 'slug' } };
const params = z.strictObject({ slug: text(63) });
const scopes = z.array(text(100)).min(1).max(SCOPES_MAX);
const status = z.enum(['approved', 'suspended']);

/** A partner as every workspace may see it; its contact is the platform's alone. */
const registeredPartner = z.object({
  slug: z.string(),
  name: z.string(),
  description: z.string(),
  /** What it asks of a workspace that installs it. */
  scopes: z.array(z.string()),
  status,
  /** What this workspace admits it with; null where it is not installed. */
  installed_scopes: z.array(z.string()).nullable(),
  created_at: z.string(),
});

/** `POST /v1/partners`; `identity.create-partner` is the platform's own. */
export const applyAsPartner = publicOperation({
  name: 'identity.apply-as-partner',
  summary: 'Become a partner: approved at once. The slug is made of the name when there is none.',
  sample: {
    body: {
      name: 'Oak Mill Sync',
      contact_email: 'partners@oak-mill.example',
      description: 'Keeps prices in step with the mill.',
      scopes: ['decisions:read', 'planner:write'],
    },
  },
  scope: 'partners:write',
  rateClass: 'write',
  idempotency: 'required',
  routes: [{ method: 'POST', path: PATH, style: 'problem' }],
  params: none,
  query: none,
  body: z.strictObject({
    name: text(255),
    slug: text(63).optional(),
    contact_email: text(254),
    description: text(2_000),
    scopes,
  }),
  responses: { 201: z.object({ slug: z.string(), status }) },
});

/** `GET /v1/partners`; `identity.list-partners` is the operators'. */
export const listRegisteredPartners = publicOperation({
  name: 'identity.list-registered-partners',
  summary: 'The registry of partners, with the scopes that each asks for.',
  sample: { query: 'mine=true' },
  scope: 'partners:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: PATH, style: 'problem' }],
  params: none,
  query: z.strictObject({
    ...page,
    /** Those that this workspace applied for. */
    mine: z.literal('true').optional(),
    /** Those that are installed in this workspace. */
    installed: z.literal('true').optional(),
  }),
  body: none,
  responses: {
    200: z.object({ data: z.array(registeredPartner), next_cursor: z.string(), has_more: z.boolean() }),
  },
});

export const openSandbox = publicOperation({
  name: 'identity.open-sandbox',
  summary: "Make the partner's sandbox: a workspace with a policy, sample decisions and a test key.",
  sample: { params: ownPartner },
  scope: 'partners:write',
  rateClass: 'write',
  idempotency: 'required',
  deadlineMs: SANDBOX_DEADLINE_MS,
  routes: [{ method: 'POST', path: `${PATH}/:slug/sandbox`, style: 'problem' }],
  params,
  query: none,
  body: none,
  responses: {
    201: z.object({ workspace: z.object({ id: z.int(), slug: z.string() }), api_key: z.string() }),
  },
});

/** `POST /v1/partners/{slug}/keys`; `identity.create-partner-key` is the platform's own. */
export const issuePartnerKey = publicOperation({
  name: 'identity.issue-partner-key',
  summary:
    'Make a live key, which acts wherever the partner is installed. It is in this answer and in no other.',
  sample: { params: ownPartner },
  scope: 'partners:write',
  rateClass: 'write',
  idempotency: 'required',
  routes: [{ method: 'POST', path: `${PATH}/:slug/keys`, style: 'problem' }],
  params,
  query: none,
  body: none,
  responses: { 201: z.object({ id: z.int(), api_key: z.string(), created_at: z.string() }) },
});

const partnerKey = z.object({
  id: z.int(),
  /** Public beginning of the key, enough to recognise it by. */
  prefix: z.string(),
  created_at: z.string(),
  last_used_at: z.string().nullable(),
});

export const listPartnerKeys = publicOperation({
  name: 'identity.list-partner-keys',
  summary: "List the partner's keys, live and test, without their secrets.",
  sample: { params: ownPartner },
  scope: 'partners:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: `${PATH}/:slug/keys`, style: 'problem' }],
  params,
  query: z.strictObject(page),
  body: none,
  responses: {
    200: z.object({ data: z.array(partnerKey), next_cursor: z.string(), has_more: z.boolean() }),
  },
});

export const revokePartnerKey = publicOperation({
  name: 'identity.revoke-partner-key',
  summary: 'End a key of the partner: every gateway refuses it within a second.',
  sample: { params: { ...ownPartner, key: { of: 'identity.issue-partner-key', member: 'id' } } },
  scope: 'partners:write',
  rateClass: 'write',
  idempotency: 'required',
  routes: [{ method: 'DELETE', path: `${PATH}/:slug/keys/:key`, style: 'problem' }],
  params: params.extend({ key: text(64) }),
  query: none,
  body: none,
  responses: { 204: none },
});

/** `POST /v1/partners/{slug}/install`; `identity.install-partner` is the platform's own. */
export const admitPartner = publicOperation({
  name: 'identity.admit-partner',
  summary: 'Install a partner in this workspace, with all that it asks for or with some of it.',
  sample: {
    params: { slug: { ...ownPartner.slug, isPublic: true } },
    body: { scopes: ['decisions:read'] },
    handsOut: ['decisions:read'],
  },
  scope: 'partners:write',
  rateClass: 'write',
  idempotency: 'required',
  routes: [{ method: 'POST', path: `${PATH}/:slug/install`, style: 'problem' }],
  params,
  query: none,
  body: z.strictObject({ scopes: scopes.optional() }),
  responses: {
    201: z.object({ slug: z.string(), scopes: z.array(z.string()), installed_at: z.string() }),
  },
});

export const uninstallPartner = publicOperation({
  name: 'identity.uninstall-partner',
  summary: 'Take a partner out of this workspace: within seconds nothing here exists for its keys.',
  sample: { params: { slug: { ...ownPartner.slug, isPublic: true } } },
  scope: 'partners:write',
  rateClass: 'write',
  idempotency: 'required',
  routes: [{ method: 'DELETE', path: `${PATH}/:slug/install`, style: 'problem' }],
  params,
  query: none,
  body: none,
  responses: { 204: none },
});
