import { Injectable } from '@nestjs/common';
import { skeletonOf } from '../domain/partner-slug.js';
import { AcrossWorkspaces } from './across-workspaces.js';
import type { Queryable } from './database.js';

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

const INSTALL_SQL = `
  INSERT INTO partner_install (partner_id, workspace_id, scopes) VALUES ($1, $2, $3)
  ON CONFLICT (partner_id, workspace_id) WHERE uninstalled_at IS NULL
  DO UPDATE SET scopes = excluded.scopes RETURNING installed_at AS "installedAt"`;

const UNINSTALL_SQL = `
  UPDATE partner_install SET uninstalled_at = $3
  WHERE partner_id = $1 AND workspace_id = $2 AND uninstalled_at IS NULL RETURNING id`;

@Injectable()
export class PartnerStore {
  constructor(private readonly across: AcrossWorkspaces) {}

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
}
