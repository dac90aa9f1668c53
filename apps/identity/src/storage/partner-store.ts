import { Injectable } from '@nestjs/common';
import { skeletonOf } from '../domain/partner-slug.js';
import { AcrossWorkspaces } from './across-workspaces.js';
import { Database, type Queryable } from './database.js';
import { type Page, type PageOf, pageOf } from './page.js';

export interface NewPartner {
  readonly slug: string;
  readonly name: string;
  readonly contactEmail: string;
  readonly description: string;
  readonly scopes: readonly string[];
  /** The applicant. */
  readonly workspaceId: number;
}

export interface ApprovedPartner {
  readonly id: number;
  readonly name: string;
  /** What it asks of every workspace that installs it. */
  readonly scopes: readonly string[];
  /** The applicant. */
  readonly workspaceId: number;
}

/** A partner's key without its secret. */
export interface PartnerKey {
  readonly id: number;
  readonly prefix: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

/** A partner as its applicant manages it. */
export interface OwnPartner extends ApprovedPartner {
  readonly status: string;
}

// Taken is a slug that another has, or that looks like another's.
const CREATE_SQL = `
  INSERT INTO partner (slug, slug_skeleton, name, contact_email, description, scopes, workspace_id)
  VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id`;

const FIELDS = 'id, name, scopes, workspace_id AS "workspaceId"';

const FIND_APPROVED_SQL = `SELECT ${FIELDS} FROM partner WHERE slug = $1 AND status = 'approved'`;

const LOCK_OWN_SQL = `
  SELECT ${FIELDS}, status FROM partner WHERE slug = $1 AND workspace_id = $2 FOR NO KEY UPDATE`;

const LIST_KEYS_SQL = `
  SELECT k.id, k.prefix || '_' || left(k.key_id, 3) AS prefix, k.created_at AS "createdAt",
    k.last_used_at AS "lastUsedAt"
  FROM api_key k WHERE k.partner_id = $1 AND k.revoked_at IS NULL AND k.id > $2 ORDER BY k.id LIMIT $3`;

const REVOKE_KEY_SQL = `
  UPDATE api_key SET revoked_at = $3 WHERE partner_id = $1 AND id = $2 AND revoked_at IS NULL RETURNING id`;

const INSTALL_SQL = `
  INSERT INTO partner_install (partner_id, workspace_id, scopes) VALUES ($1, $2, $3)
  ON CONFLICT (partner_id, workspace_id) WHERE uninstalled_at IS NULL
  DO UPDATE SET scopes = excluded.scopes RETURNING installed_at AS "installedAt"`;

const UNINSTALL_SQL = `
  UPDATE partner_install SET uninstalled_at = $3
  WHERE partner_id = $1 AND workspace_id = $2 AND uninstalled_at IS NULL RETURNING id`;

@Injectable()
export class PartnerStore {
  constructor(
    private readonly database: Database,
    private readonly across: AcrossWorkspaces,
  ) {}

  /** Returns the partner's row id, or undefined when the slug is taken. */
  async create(transaction: Queryable, partner: NewPartner): Promise<number | undefined> {
    const { slug, name, contactEmail, description, scopes, workspaceId } = partner;
    const values = [slug, skeletonOf(slug), name, contactEmail, description, scopes, workspaceId];
    const [created] = await transaction.query<{ id: number }>({ text: CREATE_SQL, values });
    return created?.id;
  }

  async findApproved(slug: string): Promise<ApprovedPartner | undefined> {
    const [found] = await this.across.query<ApprovedPartner>({ text: FIND_APPROVED_SQL, values: [slug] });
    return found;
  }

  /** Whatever its standing. */
  async findId(slug: string): Promise<number | undefined> {
    const text = 'SELECT id FROM partner WHERE slug = $1';
    const [found] = await this.across.query<{ id: number }>({ text, values: [slug] });
    return found?.id;
  }

  /** Of the slugs that begin with the stem, those that are taken. */
  async takenSlugs(stem: string): Promise<ReadonlySet<string>> {
    const text = `SELECT slug FROM partner WHERE slug = $1 OR slug LIKE $1 || '-%'`;
    const taken = await this.across.query<{ slug: string }>({ text, values: [stem] });
    return new Set(taken.map(({ slug }) => slug));
  }

  /** The partner that this workspace applied for. Holds back its suspension and its other changes. */
  async lockOwn(transaction: Queryable, slug: string, workspaceId: number): Promise<OwnPartner | undefined> {
    const values = [slug, workspaceId];
    const [found] = await transaction.query<OwnPartner>({ text: LOCK_OWN_SQL, values });
    return found;
  }

  /** Installs it, or gives the live install these scopes. Returns since when it is installed. */
  async install(
    transaction: Queryable,
    partnerId: number,
    workspaceId: number,
    scopes: readonly string[],
  ): Promise<Date> {
    const values = [partnerId, workspaceId, scopes];
    const [install] = await transaction.query<{ installedAt: Date }>({ text: INSTALL_SQL, values });
    if (!install) throw new Error('an install gave no row');
    return install.installedAt;
  }

  /** Whether it was installed. */
  async uninstall(
    transaction: Queryable,
    partnerId: number,
    workspaceId: number,
    now: Date,
  ): Promise<boolean> {
    const values = [partnerId, workspaceId, now];
    return (await transaction.query({ text: UNINSTALL_SQL, values })).length > 0;
  }

  /** Those that are not revoked; undefined when this workspace has not applied for such a partner. */
  async listKeys(slug: string, workspaceId: number, page: Page): Promise<PageOf<PartnerKey> | undefined> {
    const reads = this.database.readsIn({ workspaceId });
    const text = 'SELECT id FROM partner WHERE slug = $1 AND workspace_id = $2';
    const [partner] = await reads.query<{ id: number }>({ text, values: [slug, workspaceId] });
    if (!partner) return undefined;
    const values = [partner.id, page.afterId, page.limit + 1];
    return pageOf(page, await reads.query<PartnerKey>({ text: LIST_KEYS_SQL, values }));
  }

  /** Whether there was such a key. */
  async revokeKey(transaction: Queryable, partnerId: number, keyId: number, now: Date): Promise<boolean> {
    const values = [partnerId, keyId, now];
    return (await transaction.query({ text: REVOKE_KEY_SQL, values })).length > 0;
  }
}
