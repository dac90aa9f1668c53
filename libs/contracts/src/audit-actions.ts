/**
 * Everything that the audit log tells of, as `noun.verb` (design: api.md section 8). A closed list: a new action is
 * added here first.
 */
export const AUDIT_ACTIONS = [
  // People and what they let applications do.
  'login.succeeded',
  'login.failed',
  'login.ended',
  'user.created',
  'password.changed',
  'consent.granted',
  'consent.withdrawn',
  'client.registered',
  'client.removed',
  'token.issued',
  'token.rotated',
  'token.reuse_detected',
  'token.revoked',
  'member.invited',
  'member.joined',
  'member.role_changed',
  'member.removed',
  'invitation.revoked',
  // Credentials of programs.
  'api_key.created',
  'api_key.first_used',
  'api_key.rotated',
  'api_key.revoked',
  'service_credential.created',
  'service_credential.minted',
  'service_credential.first_used',
  'service_credential.rotated',
  'service_credential.revoked',
  'credential.refused',
  // Accounts and partners.
  'workspace.created',
  'workspace.updated',
  'workspace.tier_changed',
  'workspace.deleted',
  'partner.created',
  'partner.key_created',
  'partner.sandbox_opened',
  'partner.installed',
  'partner.uninstalled',
  'partner.suspended',
  'partner.approved',
  // Who may speak to agents, what was said to them, and what they may cost.
  'integration.suspended',
  'integration.resumed',
  'session.erased',
  'cost_limit.set',
  'cost_limit.removed',
  // The ledger's own.
  'decision.reversed',
  'escalation.approved',
  'escalation.rejected',
  'escalation.expired',
  'policy.changed',
  'killswitch.flipped',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];
