import { Injectable } from '@nestjs/common';
import { AcrossWorkspaces } from './across-workspaces.js';
import type { Queryable } from './database.js';
import { type Page, type PageOf, pageOf } from './page.js';

/** A partner as an operator sees it. */
export interface PartnerRecord {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly contactEmail: string;
  readonly status: string;
  readonly statusReason: string;
  readonly statusChangedBy: string;
  readonly statusChangedUnixMs: number;
  readonly installs: number;
}

const SELECT_SQL = `
  SELECT p.id, p.slug, p.name, p.contact_email AS "contactEmail", p.status,
    coalesce(p.status_reason, '') AS "statusReason", coalesce(p.status_changed_by, '') AS "statusChangedBy",
    coalesce(extract(epoch FROM p.status_changed_at)::float8 * 1000, 0) AS "statusChangedUnixMs",
    (SELECT count(*)::int4 FROM partner_install i
      WHERE i.partner_id = p.id AND i.uninstalled_at IS NULL) AS installs
  FROM partner p`;

const SET_STATUS_SQL = `
  UPDATE partner SET status = $2, status_reason = $3, status_changed_by = $4, status_changed_at = now()
  WHERE slug = $1 AND status <> $2 RETURNING workspace_id AS "workspaceId"`;

/** Every partner, for operators alone. */
@Injectable()
export class PartnerRegister {
  constructor(private readonly across: AcrossWorkspaces) {}

  async list(page: Page): Promise<PageOf<PartnerRecord>> {
    const text = `${SELECT_SQL} WHERE p.id > $1 ORDER BY p.id LIMIT $2`;
    const values = [page.afterId, page.limit + 1];
    return pageOf(page, await this.across.query<PartnerRecord>({ text, values }));
  }

  /**
   * A partner that has the status keeps the reason that it got it for: then `changedIn`, the workspace that it is
   * of, is undefined. Undefined when there is no such partner.
   */
  async setStatus(
    transaction: Queryable,
    slug: string,
    change: { status: string; reason: string | undefined; actor: string },
  ): Promise<{ partner: PartnerRecord; changedIn: number | undefined } | undefined> {
    const { status, reason, actor } = change;
    const [changed] = await transaction.query<{ workspaceId: number }>({
      text: SET_STATUS_SQL,
      values: [slug, status, reason ?? null, actor],
    });
    const text = `${SELECT_SQL} WHERE p.slug = $1`;
    const [partner] = await transaction.query<PartnerRecord>({ text, values: [slug] });
    return partner && { partner, changedIn: changed?.workspaceId };
  }
}
