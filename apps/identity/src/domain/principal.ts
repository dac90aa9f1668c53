import { ProblemError } from '@magistry/errors';
import { isSlug } from './slug.js';

/** Who stands behind a credential; the id stays when the credential is rotated. */
export type Principal =
  | { readonly apiKeyId: number }
  | { readonly serviceCredentialId: string }
  | PartnerPrincipal
  | PlatformPrincipal;

/** A partner by its live keys, or by those that act in sandboxes alone. */
export interface PartnerPrincipal {
  readonly partnerSlug: string;
  readonly isTest: boolean;
}

/** The platform itself, as in a seed: no credential leads to it, and it reaches every workspace. */
export interface PlatformPrincipal {
  readonly systemName: string;
}

const KEY = /^key:([1-9]\d{0,9})$/;
const PARTNER = 'partner:';
const SERVICE = 'svc_';
const TEST = '/test';
const SYSTEM = 'system:';

/** `key:<id>`, `partner:<slug>` or, by its test keys, `partner:<slug>/test`. */
export function principalId(principal: { readonly apiKeyId: number } | PartnerPrincipal): string {
  if ('apiKeyId' in principal) return `key:${principal.apiKeyId}`;
  return `${partnerActor(principal.partnerSlug)}${principal.isTest ? TEST : ''}`;
}

/** The name that ledgers know a partner by, whichever of its keys it uses. */
export function partnerActor(slug: string): string {
  return `${PARTNER}${slug}`;
}

export function parsePrincipalId(id: string): Principal | undefined {
  const apiKeyId = Number(KEY.exec(id)?.[1]);
  if (isRowId(apiKeyId)) return { apiKeyId };
  if (id.startsWith(SERVICE)) return { serviceCredentialId: id };
  if (id.startsWith(SYSTEM)) return { systemName: id.slice(SYSTEM.length) };
  const isTest = id.endsWith(TEST);
  const partnerSlug = id.startsWith(PARTNER)
    ? id.slice(PARTNER.length, isTest ? -TEST.length : undefined)
    : '';
  return isSlug(partnerSlug) ? { partnerSlug, isTest } : undefined;
}

/** What `X-Workspace-ID` or a body's `tenant` names: exactly one of the two. */
export interface WorkspaceSelector {
  readonly id: number | null;
  readonly slug: string | null;
}

export function parseSelector(text: string): WorkspaceSelector | undefined {
  if (isSlug(text)) return { id: null, slug: text };
  return /^[1-9]\d{0,9}$/.test(text) && isRowId(Number(text)) ? { id: Number(text), slug: null } : undefined;
}

/** Largest value of Postgres's `integer`. */
export const INTEGER_MAX = 2_147_483_647;

/** The id in a path; what cannot be one belongs to nothing that there is. */
export function pathId(text: string): number {
  const id = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
  if (!isRowId(id)) throw notFound();
  return id;
}

/** Whose workspaces: the one that a principal acts in, and those that it made. */
export interface Reach {
  readonly workspaceId: number;
  readonly principalId: string;
}

/** The gateway always says who asks, and where. */
export function reachOf(context: {
  readonly principal?: { readonly id: string };
  readonly workspace?: { readonly id: number };
}): Reach {
  if (!context.principal || !context.workspace) throw new Error('a request came without who and where');
  return { workspaceId: context.workspace.id, principalId: context.principal.id };
}

/** One answer for what does not exist and for what is somebody else's. */
export function notFound(): ProblemError {
  return new ProblemError('not_found', 'There is no such thing here.');
}

function isRowId(id: number): boolean {
  return Number.isInteger(id) && id >= 1 && id <= INTEGER_MAX;
}
