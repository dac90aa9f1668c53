import { Injectable } from '@nestjs/common';
import { AcrossWorkspaces } from './across-workspaces.js';
import type { Queryable } from './database.js';

export interface NewPartner {
  readonly slug: string;
  readonly name: string;
  readonly contactEmail: string;
  readonly description: string;
  readonly scopes: string[];
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

const CREATE_SQL = `
  INSERT INTO partner (slug, name, contact_email, description, scopes, workspace_id)
  VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (slug) DO NOTHING RETURNING id`;

const INSTALL_SQL = `
  INSERT INTO partner_install (partner_id, workspace_id, scopes) VALUES ($1, $2, $3)
  ON CONFLICT (partner_id, workspace_id) WHERE uninstalled_at IS NULL
  DO UPDATE SET scopes = excluded.scopes`;

@Injectable()
export class PartnerStore {
  constructor(private readonly across: AcrossWorkspaces) {}

  /** Returns the partner's row id, or undefined when the slug is taken. */
  async create(transaction: Queryable, partner: NewPartner): Promise<number | undefined> {
    const { slug, name, contactEmail, description, scopes, workspaceId } = partner;
    const values = [slug, name, contactEmail, description, scopes, workspaceId];
    const [created] = await transaction.query<{ id: number }>({ text: CREATE_SQL, values });
    return created?.id;
  }

  async findApproved(slug: string): Promise<ApprovedPartner | undefined> {
    const found = await this.across.prisma((client) =>
      client.partner.findFirst({
        where: { slug, status: 'approved' },
        select: { id: true, name: true, scopes: true, workspaceId: true },
      }),
    );
    return found ?? undefined;
  }

  /** Installs it, or gives the live install these scopes. */
  async install(
    transaction: Queryable,
    partnerId: number,
    workspaceId: number,
    scopes: readonly string[],
  ): Promise<void> {
    await transaction.query({ text: INSTALL_SQL, values: [partnerId, workspaceId, scopes] });
  }
}
