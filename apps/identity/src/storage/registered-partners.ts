import { Injectable } from '@nestjs/common';
import { AcrossWorkspaces } from './across-workspaces.js';
import { type Page, type PageOf, pageOf } from './page.js';

/** A partner as any workspace may see it: without its contact. */
export interface RegisteredPartner {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly scopes: readonly string[];
  readonly status: string;
  /** What the reading workspace admits it with; null where it is not installed. */
  readonly installedScopes: readonly string[] | null;
  readonly createdAt: Date;
}

export interface RegistryFilter {
  /** The workspace that reads. */
  readonly workspaceId: number;
  readonly isMine: boolean;
  readonly isInstalled: boolean;
}

// A suspended partner is shown to those whom it concerns.
const LIST_SQL = `
  SELECT p.id, p.slug, p.name, p.description, p.scopes, p.status, i.scopes AS "installedScopes",
    p.created_at AS "createdAt"
  FROM partner p
  LEFT JOIN partner_install i
    ON i.partner_id = p.id AND i.workspace_id = $1 AND i.uninstalled_at IS NULL
  WHERE p.id > $2 AND (p.status = 'approved' OR p.workspace_id = $1 OR i.id IS NOT NULL)
    AND (NOT $4 OR p.workspace_id = $1) AND (NOT $5 OR i.id IS NOT NULL)
  ORDER BY p.id LIMIT $3`;

/** The public registry: every workspace may read of every partner what is public. */
@Injectable()
export class RegisteredPartners {
  constructor(private readonly across: AcrossWorkspaces) {}

  async list(filter: RegistryFilter, page: Page): Promise<PageOf<RegisteredPartner>> {
    const { workspaceId, isMine, isInstalled } = filter;
    const values = [workspaceId, page.afterId, page.limit + 1, isMine, isInstalled];
    return pageOf(page, await this.across.query<RegisteredPartner>({ text: LIST_SQL, values }));
  }
}
