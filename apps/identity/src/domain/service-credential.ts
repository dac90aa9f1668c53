import { shown } from './clock.js';
import { notFound } from './principal.js';

/** A program's credential: tokens that its key signs act as it. */
export interface ServiceCredential {
  readonly id: string;
  readonly name: string;
  readonly scopes: string[];
  /** Of the key that signs now. */
  readonly kid: string;
  readonly createdAt: Date;
}

const ID = /^svc_[0-9A-HJKMNP-TV-Z]{26}$/;

export function isServiceCredentialId(text: string): boolean {
  return ID.test(text);
}

/** The id in a path; what cannot be one belongs to nothing that there is. */
export function serviceCredentialId(text: string): string {
  if (!isServiceCredentialId(text)) throw notFound();
  return text;
}

export function renderServiceCredential({ id, name, scopes, kid, createdAt }: ServiceCredential) {
  // What is revoked is not shown any more.
  return { id, name, scopes, kid, status: 'active', created_at: shown(createdAt) };
}
