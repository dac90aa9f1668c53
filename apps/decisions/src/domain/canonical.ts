import { hash } from 'node:crypto';
import type { Decision, GateVerdict, JudgeFactor } from './decision.js';

/** Names the content, so that bytes of one kind can never be taken for another's. */
const DOMAIN_TAG = 'magistry.decision.v1';

/**
 * A row's canonical bytes: RFC 8785 JSON of its visible columns, nulls and empty lists left out, so that a
 * column added later leaves old hashes as they are. Members are written in sorted order; values are strings,
 * integers and booleans only, for which JSON.stringify is canonical.
 */
export function canonicalJson(row: Decision): string {
  return JSON.stringify({
    action: row.action,
    agent: row.agent,
    applied_at: row.appliedAt ?? undefined,
    applied_by: row.appliedBy ?? undefined,
    approves: row.approves ?? undefined,
    budget: row.budget ?? undefined,
    budget_minor: row.budgetMinor ?? undefined,
    concerns: unlessEmpty(row.concerns.map(canonicalGate)),
    cycle: row.cycle ?? undefined,
    decision_id: row.decisionId,
    domain: DOMAIN_TAG,
    evidence: unlessEmpty(row.evidence),
    facet: row.facet ?? undefined,
    from_state: row.fromState ?? undefined,
    gates: unlessEmpty(row.gates.map(canonicalGate)),
    id: row.id,
    judge: row.judge ?? undefined,
    judge_factors: unlessEmpty(row.judgeFactors.map(canonicalFactor)),
    judge_score: row.judgeScoreBasisPoints ?? undefined,
    kind: row.kind,
    parameters: row.parametersJson ?? undefined,
    policy_version: row.policyVersion,
    reason: row.reason ?? undefined,
    recorded_at: row.recordedAt,
    reversal: row.reversal ?? undefined,
    reverses: row.reverses ?? undefined,
    reversible: row.reversible,
    status: row.status,
    store_id: row.storeId ?? undefined,
    subject: row.subject ?? undefined,
    tier: row.tier ?? undefined,
    to_state: row.toState ?? undefined,
    uniqueness_digest: row.uniquenessDigest ?? undefined,
    workspace_id: row.workspaceId,
  });
}

export function canonicalGate(verdict: GateVerdict) {
  if (verdict.passed) return { gate: verdict.gate, passed: true };
  return { code: verdict.code, gate: verdict.gate, message: verdict.message, passed: false };
}

export function canonicalFactor(factor: JudgeFactor) {
  return {
    explanation: factor.explanation,
    name: factor.name,
    score: factor.scoreBasisPoints,
    weight: factor.weightBasisPoints,
  };
}

function unlessEmpty<Item>(items: readonly Item[]): readonly Item[] | undefined {
  return items.length > 0 ? items : undefined;
}

const LEAF_PREFIX = Buffer.of(0x00);
// Differs from the Merkle tree's 0x00 and 0x01 (RFC 6962), so that a chain link is never a tree node.
const LINK_PREFIX = 0x02;

export function leafOf(canonical: string): Buffer {
  return hash('sha256', Buffer.concat([LEAF_PREFIX, Buffer.from(canonical, 'utf8')]), 'buffer');
}

/** chain(n) = SHA-256(0x02 || chain(n-1) || n as 8 bytes || leaf(n)) */
export function linkOf(previous: Buffer, decisionId: number, leaf: Buffer): Buffer {
  const link = Buffer.allocUnsafe(1 + 32 + 8 + 32);
  link[0] = LINK_PREFIX;
  previous.copy(link, 1);
  link.writeBigUInt64BE(BigInt(decisionId), 33);
  leaf.copy(link, 41);
  return hash('sha256', link, 'buffer');
}

/** What the first row of a workspace's chain is linked to. */
export function genesisOf(workspaceId: number): Buffer {
  return hash('sha256', `magistry.ledger.v1 workspace ${workspaceId}`, 'buffer');
}
