import { createHash, randomBytes } from 'node:crypto';
import type { Role } from '@magistry/contracts';
import { shown } from '../clock.js';

const TOKEN_BYTES = 32;
const VALID_MS = 7 * 24 * 60 * 60 * 1_000;

/** What a link carries, and what is kept of it. */
export function mintInvitationToken(): { token: string; tokenHash: Buffer } {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  return { token, tokenHash: hashInvitationToken(token) };
}

/** The token has 256 random bits, so a plain hash of it is as good as a slow one. */
export function hashInvitationToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

export function invitationExpiry(now: Date): Date {
  return new Date(now.getTime() + VALID_MS);
}

/** Below the address of the platform. */
export function invitationPath(token: string): string {
  return `/oauth/invitations/${token}`;
}

interface Invitation {
  readonly id: number;
  readonly email: string;
  readonly role: Role;
  readonly invitedBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly acceptedAt: Date | null;
  readonly withdrawnAt: Date | null;
}

/** It expires at the very instant. */
function invitationStatus(invitation: Omit<Invitation, 'id' | 'email' | 'role' | 'invitedBy'>, now: Date) {
  if (invitation.acceptedAt) return 'accepted';
  if (invitation.withdrawnAt) return 'withdrawn';
  return now < invitation.expiresAt ? 'open' : 'expired';
}

export function renderInvitation(invitation: Invitation, now: Date) {
  const { id, email, role, invitedBy, createdAt, expiresAt } = invitation;
  return {
    ...{ id, email, role, status: invitationStatus(invitation, now), invited_by: invitedBy },
    ...{ created_at: shown(createdAt), expires_at: shown(expiresAt) },
  };
}
