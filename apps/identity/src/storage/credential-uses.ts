import { Injectable } from '@nestjs/common';
import type { Queryable } from './database.js';

export interface CredentialUse<Id> {
  readonly id: Id;
  readonly usedAt: Date;
}

/** A credential that was never used before. */
export interface FirstUse {
  /** `key:12` or `svc_…`. */
  readonly subject: string;
  readonly workspaceId: number;
}

// Locked in one order, whoever tells of the same ones at the same time. Uses may be told late and out of order.
const NOTE_KEYS_SQL = `
  WITH before AS (
    SELECT k.id, k.last_used_at, coalesce(k.workspace_id, p.workspace_id) AS workspace_id
    FROM api_key k LEFT JOIN partner p ON p.id = k.partner_id
    WHERE k.id = ANY ($1::int4[]) ORDER BY k.id FOR UPDATE OF k
  )
  UPDATE api_key k SET last_used_at = used.at
  FROM unnest($1::int4[], $2::timestamptz[]) AS used (id, at) JOIN before ON before.id = used.id
  WHERE k.id = used.id AND (before.last_used_at IS NULL OR before.last_used_at < used.at)
  RETURNING 'key:' || k.id AS subject, before.workspace_id AS "workspaceId", before.last_used_at IS NULL AS "isFirst"`;

const NOTE_SERVICES_SQL = `
  WITH before AS (
    SELECT id, last_used_at FROM service_credential WHERE id = ANY ($1::text[]) ORDER BY id FOR UPDATE
  )
  UPDATE service_credential c SET last_used_at = used.at
  FROM unnest($1::text[], $2::timestamptz[]) AS used (id, at) JOIN before ON before.id = used.id
  WHERE c.id = used.id AND (before.last_used_at IS NULL OR before.last_used_at < used.at)
  RETURNING c.id AS subject, c.workspace_id AS "workspaceId", before.last_used_at IS NULL AS "isFirst"`;

/** When credentials were last used, as gateways tell it. */
@Injectable()
export class CredentialUses {
  noteKeys(transaction: Queryable, uses: readonly CredentialUse<number>[]): Promise<FirstUse[]> {
    return note(transaction, NOTE_KEYS_SQL, uses);
  }

  noteServiceCredentials(
    transaction: Queryable,
    uses: readonly CredentialUse<string>[],
  ): Promise<FirstUse[]> {
    return note(transaction, NOTE_SERVICES_SQL, uses);
  }
}

async function note(
  transaction: Queryable,
  text: string,
  uses: readonly CredentialUse<number | string>[],
): Promise<FirstUse[]> {
  if (uses.length === 0) return [];
  const values = [uses.map(({ id }) => id), uses.map(({ usedAt }) => usedAt)];
  const noted = await transaction.query<FirstUse & { readonly isFirst: boolean }>({ text, values });
  return noted.filter(({ isFirst }) => isFirst);
}
