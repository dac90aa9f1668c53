import type { AuditAction } from '@magistry/contracts';
import type { Decision } from './decision.js';
import type { EscalationStatus } from './escalation.js';

/** Where a command came from. */
export interface AuditedRequest {
  readonly requestId: string;
  /** Empty where no HTTP request caused it. */
  readonly address: string;
}

/** A row of the audit log that the ledger's own commit writes. */
export interface AuditRow {
  readonly id: string;
  readonly workspaceId: number;
  readonly action: AuditAction;
  readonly actor: string;
  readonly subject: string;
  readonly details: Readonly<Record<string, string | null>>;
  readonly requestId: string;
  readonly address: string | null;
  readonly occurredAt: string;
}

/** What the audit log says of a new decision; nothing of proposals, which the ledger itself is the record of. */
export function auditOf(
  row: Decision,
  escalation: EscalationStatus | undefined,
  request: AuditedRequest,
): AuditRow | undefined {
  const told = toldOf(row, escalation);
  if (!told) return undefined;
  const { subject, ...details } = told.about;
  return {
    id: `aud_${row.id.slice('dec_'.length)}`,
    workspaceId: row.workspaceId,
    action: told.action,
    actor: row.agent,
    subject,
    details: { decision: nameOf(row.decisionId), ...details, reason: row.reason },
    requestId: request.requestId,
    address: request.address === '' ? null : request.address,
    occurredAt: row.recordedAt,
  };
}

interface Told {
  readonly action: AuditAction;
  readonly about: { readonly subject: string; readonly from?: string | null; readonly to?: string | null };
}

function toldOf(row: Decision, escalation: EscalationStatus | undefined): Told | undefined {
  const moved = { from: row.fromState, to: row.toState };
  switch (row.kind) {
    case 'KILL_SWITCH':
      return { action: 'killswitch.flipped', about: { subject: 'killswitch', ...moved } };
    case 'POLICY':
      return { action: 'policy.changed', about: { subject: 'policy', ...moved } };
    case 'REVERSAL':
      return { action: 'decision.reversed', about: { subject: nameOf(row.reverses) } };
    case 'APPROVAL':
    case 'REJECTION':
    case 'EXPIRY':
      // Refused by the kill switch it stays pending: nothing is settled.
      if (escalation === undefined || escalation === 'pending') return undefined;
      return { action: `escalation.${escalation}`, about: { subject: nameOf(row.approves) } };
    case 'PROPOSAL':
      return undefined;
  }
}

function nameOf(decisionId: number | null): string {
  return `decision:${decisionId}`;
}
