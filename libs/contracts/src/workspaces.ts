import { declareList } from '@magistry/lists';
import { z } from 'zod';
import { listOf, none, storableJson, text } from './fields.js';
import { publicOperation } from './operation.js';
import { TIERS } from './tiers.js';

/** Workspaces of /api/v1 (seed 003). What a caller may not reach is 404. */
const PATH = '/api/v1/workspaces';
const SETTINGS_BYTES_MAX = 16 * 1024;

const aWorkspace = { id: { of: 'identity.list-reachable-workspaces', member: 'id' } };
const params = z.strictObject({ id: text(64) });

const timezone = z.string().refine(isTimeZone, 'must be a time zone of the IANA database');
const locale = z.string().refine(isLocale, 'must be a locale such as en_GB');

/** Null removes a setting; an object is merged into the one that is there (RFC 7396). */
const settingsPatch = z
  .unknown()
  .refine(storableJson(SETTINGS_BYTES_MAX), `must be plain JSON of at most ${SETTINGS_BYTES_MAX} bytes`)
  .pipe(z.looseObject({ timezone: timezone.nullish(), locale: locale.nullish() }));

const summary = z.object({
  id: z.int(),
  name: z.string(),
  slug: z.string(),
  tier: z.enum(TIERS),
  created_at: z.string(),
  updated_at: z.string(),
});
const workspace = summary.extend({ settings: z.record(z.string(), z.unknown()) });

const list = declareList({
  fields: ['id', 'name', 'slug', 'tier', 'settings', 'created_at', 'updated_at'],
  sortable: ['id', 'name', 'slug', 'tier', 'created_at', 'updated_at'],
  includes: [],
  statuses: [],
  times: ['created', 'updated'],
  isSearchable: true,
});

export const listReachableWorkspaces = publicOperation({
  name: 'identity.list-reachable-workspaces',
  summary: 'List the workspaces that this credential may act in.',
  scope: 'workspaces:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: PATH, style: 'core' }],
  params: none,
  query: list.query,
  body: none,
  responses: { 200: listOf(workspace.partial()) },
});

export const getWorkspace = publicOperation({
  name: 'identity.get-workspace',
  summary: 'Read one workspace.',
  sample: { params: aWorkspace },
  scope: 'workspaces:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: `${PATH}/:id`, style: 'core' }],
  params,
  query: list.itemQuery,
  body: none,
  responses: { 200: z.object({ data: workspace.partial() }) },
});

/** `POST /api/v1/workspaces`; `identity.create-workspace` is the platform's own. */
export const openWorkspace = publicOperation({
  name: 'identity.open-workspace',
  summary: 'Make a workspace; its slug is made of its name when it has none.',
  sample: { body: { name: 'Oak Mill' } },
  scope: 'workspaces:write',
  rateClass: 'write',
  idempotency: 'accepted',
  routes: [{ method: 'POST', path: PATH, style: 'core' }],
  params: none,
  query: none,
  body: z.strictObject({
    name: text(255),
    slug: text(63).optional(),
    tier: z.enum(TIERS).optional(),
  }),
  responses: { 201: z.object({ message: z.string(), data: summary.omit({ updated_at: true }) }) },
});

export const updateWorkspace = publicOperation({
  name: 'identity.update-workspace',
  summary: 'Rename a workspace, or merge settings into those that it has.',
  sample: { params: aWorkspace, body: { settings: { timezone: 'Europe/Berlin' } } },
  scope: 'workspaces:write',
  rateClass: 'write',
  idempotency: 'accepted',
  routes: [{ method: 'PATCH', path: `${PATH}/:id`, style: 'core' }],
  params,
  query: none,
  body: z.strictObject({ name: text(255).optional(), settings: settingsPatch.optional() }),
  responses: { 200: z.object({ data: workspace }) },
});

export const deleteWorkspace = publicOperation({
  name: 'identity.delete-workspace',
  summary: 'Delete a workspace: nothing in it can be called any more, its ledger stays.',
  sample: { params: aWorkspace },
  scope: 'workspaces:delete',
  rateClass: 'write',
  idempotency: 'accepted',
  routes: [{ method: 'DELETE', path: `${PATH}/:id`, style: 'core' }],
  params,
  query: none,
  body: none,
  responses: { 204: none },
});

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function isLocale(name: string): boolean {
  try {
    return Intl.getCanonicalLocales(name.replaceAll('_', '-')).length === 1;
  } catch {
    return false;
  }
}
