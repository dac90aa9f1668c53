import { isSlug } from './slug.js';

/** Who stands behind a credential; the id stays when the credential is rotated. */
export type Principal = { readonly apiKeyId: number } | { readonly partnerSlug: string } | PlatformPrincipal;

/** The platform itself, as in a seed: no credential leads to it, and it reaches every workspace. */
export interface PlatformPrincipal {
  readonly systemName: string;
}

const KEY = /^key:([1-9]\d{0,9})$/;
const PARTNER = 'partner:';
const SYSTEM = 'system:';

/** `key:<id>` or `partner:<slug>`: also the name that the ledger knows the actor by. */
export function principalId(principal: Exclude<Principal, PlatformPrincipal>): string {
  return 'apiKeyId' in principal ? `key:${principal.apiKeyId}` : `${PARTNER}${principal.partnerSlug}`;
}

export function parsePrincipalId(id: string): Principal | undefined {
  const apiKeyId = Number(KEY.exec(id)?.[1]);
  if (isRowId(apiKeyId)) return { apiKeyId };
  if (id.startsWith(SYSTEM)) return { systemName: id.slice(SYSTEM.length) };
  const partnerSlug = id.startsWith(PARTNER) ? id.slice(PARTNER.length) : '';
  return isSlug(partnerSlug) ? { partnerSlug } : undefined;
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

function isRowId(id: number): boolean {
  return Number.isInteger(id) && id >= 1 && id <= INTEGER_MAX;
}
