import type { AuditRow } from '../domain/audit.js';
import type { Decision } from '../domain/decision.js';
import type { EscalationStatus } from '../domain/escalation.js';
import type { KillSwitch } from '../domain/ledger-state.js';
import type { EventType } from '../domain/outcome.js';

/** A workspace's last row and the switches that apply after it. */
export interface LedgerHead {
  readonly workspaceId: number;
  readonly tenant: string;
  readonly decisionId: number;
  readonly chain: Buffer;
  readonly recordedAt: string;
  readonly killSwitch: KillSwitch;
  readonly policyVersion: number;
  readonly policyJson: string;
}

export interface ChainedDecision {
  readonly row: Decision;
  readonly canonical: string;
  readonly chain: Buffer;
}

export interface OutboxEntry {
  readonly position: number;
  readonly eventId: string;
  readonly type: EventType;
  readonly workspaceId: number;
  readonly decisionId: number;
  readonly tenant: string;
  readonly createdAt: string;
}

export interface IdempotencyRecord {
  readonly workspaceId: number;
  readonly keyHmac: Buffer;
  readonly principal: string;
  readonly fingerprint: Uint8Array;
  readonly requestId: string;
  readonly sealedAnswer: Buffer;
  readonly expiresAt: string;
}

/** Everything that one commit writes, in the order it was decided. */
export interface LedgerBatch {
  readonly heads: readonly LedgerHead[];
  readonly decisions: readonly ChainedDecision[];
  readonly outbox: readonly OutboxEntry[];
  readonly audit: readonly AuditRow[];
  readonly idempotency: readonly IdempotencyRecord[];
  readonly subjects: readonly {
    workspaceId: number;
    subject: string;
    facet: string;
    state: string | null;
  }[];
  readonly uniqueness: readonly {
    workspaceId: number;
    digest: string;
    decisionId: number | null;
    expiresAt: string;
  }[];
  readonly counters: readonly { workspaceId: number; counter: string; period: string; amount: number }[];
  readonly escalations: readonly {
    workspaceId: number;
    decisionId: number;
    expiresAt: string;
    status: EscalationStatus;
    resultDecisionId: number | null;
    settledAt: string | null;
  }[];
}

/** What the next batch needs to know and does not remember. */
export interface LookUp {
  readonly heads: readonly number[];
  readonly idempotency: readonly { workspaceId: number; keyHmac: Buffer }[];
  readonly subjects: readonly { workspaceId: number; subject: string; facet: string }[];
  readonly digests: readonly { workspaceId: number; digest: string }[];
  readonly counters: readonly { workspaceId: number; counter: string; period: string }[];
  readonly targets: readonly { workspaceId: number; decision: string }[];
  /** By dec_ id. */
  readonly escalations: readonly { workspaceId: number; id: string }[];
}
