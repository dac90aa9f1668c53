import type { ApiKey } from '@magistry/access';
import { Injectable } from '@nestjs/common';
import type { Credential } from '../domain/credential.js';
import type { Principal, WorkspaceSelector } from '../domain/principal.js';
import type { Tier } from '../domain/tiers.js';
import type { LiveWorkspace } from '../domain/workspace.js';
import { AcrossWorkspaces } from './across-workspaces.js';
import { isOpen, isSandbox } from './open-workspaces.js';

/** A credential with what its secret is checked against. */
export interface StoredCredential {
  readonly credential: Credential;
  readonly secretHmac: Uint8Array;
  readonly pepperId: number;
}

/** A workspace that a principal may act in, and what it may do there. */
export interface Reach {
  readonly workspace: LiveWorkspace;
  readonly scopes: readonly string[];
  /** It is the principal's own, not one that it made. */
  readonly isOwn: boolean;
}

interface CredentialRow extends Omit<Credential, 'partner' | 'workspace'> {
  readonly secretHmac: Uint8Array;
  readonly pepperId: number;
  readonly partnerSlug: string | null;
  readonly partnerStatus: string;
  readonly workspaceId: number | null;
  readonly workspaceSlug: string;
  readonly workspaceTier: Tier;
  readonly workspaceIsSandbox: boolean;
}

// Test keys act in sandboxes and nowhere else, live keys of partners anywhere else.
const IS_TEST_KEY = `k.prefix IN ('sk_test', 'mag_test_partner')`;
const WORKSPACE = `w.id, w.slug, w.tier, ${isSandbox('w')} AS "isSandbox"`;

// A second install is enough to know that there is no only one.
const FIND_SQL = `
  SELECT k.id AS "apiKeyId", coalesce(k.principal_key_id, k.id) AS "principalKeyId", k.maker_ids AS "makerIds",
    ${IS_TEST_KEY} AS "isTest", k.rotated_at IS NOT NULL AS "isRotated", k.prefix = 'magus_sk' AS "isIntegration",
    k.secret_hmac AS "secretHmac", k.pepper_id AS "pepperId", k.tier, k.limit_per_minute AS "limitPerMinute",
    k.api_version AS "apiVersion", k.expires_at AS "expiresAt", k.revoked_at AS "revokedAt",
    p.slug AS "partnerSlug", p.status AS "partnerStatus",
    coalesce(sole.scopes, p.scopes, k.scopes) AS scopes,
    w.id AS "workspaceId", w.slug AS "workspaceSlug", w.tier AS "workspaceTier",
    ${isSandbox('w')} AS "workspaceIsSandbox"
  FROM api_key k
  LEFT JOIN partner p ON p.id = k.partner_id
  LEFT JOIN LATERAL (
    SELECT live.*, count(*) OVER () AS installs
    FROM (
      SELECT i.workspace_id, i.scopes
      FROM partner_install i
      JOIN workspace iw ON iw.id = i.workspace_id AND ${isOpen('iw')}
        AND (${isSandbox('iw')}) = (${IS_TEST_KEY})
      WHERE i.partner_id = k.partner_id AND i.uninstalled_at IS NULL
      LIMIT 2
    ) live
  ) sole ON sole.installs = 1
  LEFT JOIN workspace w ON w.id = coalesce(k.workspace_id, sole.workspace_id) AND ${isOpen('w')}
    AND (${isSandbox('w')}) = (${IS_TEST_KEY})
  WHERE k.key_id = $1 AND k.prefix = $2`;

// Any living key of the principal's line will do: rotation copies the scopes.
const KEY_REACH_SQL = `
  SELECT ${WORKSPACE}, k.scopes, w.id = k.workspace_id AS "isOwn"
  FROM api_key k
  JOIN workspace w ON ${isOpen('w')} AND (w.id = k.workspace_id OR w.created_by = 'key:' || $1::int4
    OR (w.sandbox_applicant_id = k.workspace_id AND w.sandbox_ready_at IS NOT NULL))
  WHERE (k.id = $1 OR k.principal_key_id = $1) AND k.revoked_at IS NULL AND (w.id = $2 OR w.slug = $3)
  ORDER BY k.id DESC LIMIT 1`;

const PARTNER_REACH_SQL = `
  SELECT ${WORKSPACE}, i.scopes, true AS "isOwn"
  FROM partner p
  JOIN partner_install i ON i.partner_id = p.id AND i.uninstalled_at IS NULL
  JOIN workspace w ON w.id = i.workspace_id AND ${isOpen('w')} AND (${isSandbox('w')}) = $4
  WHERE p.slug = $1 AND p.status = 'approved' AND (w.id = $2 OR w.slug = $3)`;

const SERVICE_REACH_SQL = `
  SELECT ${WORKSPACE}, c.scopes, w.id = c.workspace_id AS "isOwn"
  FROM service_credential c
  JOIN workspace w ON ${isOpen('w')} AND (w.id = c.workspace_id OR w.created_by = c.id)
  WHERE c.id = $1 AND c.revoked_at IS NULL AND (w.id = $2 OR w.slug = $3)`;

const PLATFORM_REACH_SQL = `
  SELECT ${WORKSPACE}, ARRAY['*'] AS scopes, true AS "isOwn"
  FROM workspace w
  WHERE $1::text <> '' AND w.deleted_at IS NULL AND (w.id = $2 OR w.slug = $3)`;

/** The look-ups on every request's path: one query each. */
@Injectable()
export class CredentialStore {
  constructor(private readonly across: AcrossWorkspaces) {}

  async find({ keyId, prefix }: ApiKey): Promise<StoredCredential | undefined> {
    const [row] = await this.across.query<CredentialRow>({
      name: 'find-credential',
      text: FIND_SQL,
      values: [keyId, prefix],
    });
    return row && readCredential(row);
  }

  async findReach(principal: Principal, selector: WorkspaceSelector): Promise<Reach | undefined> {
    const { owner, more = [], ...statement } = reachStatement(principal);
    const [row] = await this.across.query<LiveWorkspace & { scopes: string[]; isOwn: boolean }>({
      ...statement,
      values: [owner, selector.id, selector.slug, ...more],
    });
    if (!row) return undefined;
    const { scopes, isOwn, ...workspace } = row;
    return { workspace, scopes, isOwn };
  }
}

interface ReachStatement {
  readonly name: string;
  readonly text: string;
  readonly owner: number | string;
  readonly more?: readonly unknown[];
}

function reachStatement(principal: Principal): ReachStatement {
  if ('apiKeyId' in principal)
    return { name: 'find-key-reach', text: KEY_REACH_SQL, owner: principal.apiKeyId };
  if ('partnerSlug' in principal) {
    const { partnerSlug: owner, isTest } = principal;
    return { name: 'find-partner-reach', text: PARTNER_REACH_SQL, owner, more: [isTest] };
  }
  if ('serviceCredentialId' in principal) {
    return { name: 'find-service-reach', text: SERVICE_REACH_SQL, owner: principal.serviceCredentialId };
  }
  return { name: 'find-platform-reach', text: PLATFORM_REACH_SQL, owner: principal.systemName };
}

function readCredential(row: CredentialRow): StoredCredential {
  const { secretHmac, pepperId, partnerSlug, partnerStatus, workspaceId, workspaceSlug, workspaceTier } = row;
  const { apiKeyId, principalKeyId, makerIds, isTest, isRotated, isIntegration } = row;
  const { scopes, tier, apiVersion, expiresAt, revokedAt } = row;
  const partner = partnerSlug === null ? null : { slug: partnerSlug, status: partnerStatus };
  const { workspaceIsSandbox: isSandbox } = row;
  const workspace =
    workspaceId === null ? null : { id: workspaceId, slug: workspaceSlug, tier: workspaceTier, isSandbox };
  return {
    secretHmac,
    pepperId,
    credential: {
      ...{ apiKeyId, principalKeyId, makerIds, isTest, isRotated, isIntegration, partner, workspace, scopes },
      ...{ tier, limitPerMinute: row.limitPerMinute, apiVersion, expiresAt, revokedAt },
    },
  };
}
