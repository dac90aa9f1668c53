import type { AuditAction } from '@magistry/contracts';

/** What an entry may say: names, numbers and lists of names. Never a secret, nor what one was made from. */
export type AuditDetail = string | number | boolean | null | readonly string[];

/** Who did what to whom: one future row of the audit log. */
export interface AuditEntry {
  /** The workspace whose log it belongs to: the one that was acted in; null when there was none. */
  readonly workspaceId: number | null;
  readonly action: AuditAction;
  /** `key:12`, `partner:research-tool`, `user:…`, `system:seed`. */
  readonly actor: string;
  /** What it was done to, named as an actor would be: `key:12`, `workspace:7`. */
  readonly subject: string;
  readonly details: Readonly<Record<string, AuditDetail>>;
  readonly requestId?: string | undefined;
  /** Where the HTTP request came from. */
  readonly address?: string | undefined;
}

interface AuditedContext {
  readonly requestId: string;
  readonly address: string;
  readonly principal?: { readonly actor: string };
  readonly workspace?: { readonly id: number };
}

/** What a request says of every entry that it causes. */
export function askedBy(context: AuditedContext) {
  const { requestId, address, principal, workspace } = context;
  if (!principal) throw new Error(`request ${requestId} carries no principal`);
  return {
    workspaceId: workspace?.id ?? null,
    actor: principal.actor,
    requestId,
    address: address === '' ? undefined : address,
  };
}

const TEXT_LENGTH_MAX = 255;

/** As Postgres can hold it: what strangers send may have any characters, and any length. */
export function storableText(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cs}]/gu, '�')
    .slice(0, TEXT_LENGTH_MAX)
    .toWellFormed();
}
