import type { Decision, GateVerdict, JudgeFactor } from './decision.js';

type Json = Record<string, unknown>;

/** The row behind canonical bytes: the inverse of canonicalJson. */
export function parseCanonical(canonical: string): Decision {
  const json = JSON.parse(canonical) as Json;
  return {
    workspaceId: json['workspace_id'] as number,
    decisionId: json['decision_id'] as number,
    id: json['id'] as string,
    kind: json['kind'] as Decision['kind'],
    agent: json['agent'] as string,
    action: json['action'] as string,
    subject: textOf(json, 'subject'),
    facet: textOf(json, 'facet'),
    fromState: textOf(json, 'from_state'),
    toState: textOf(json, 'to_state'),
    status: json['status'] as Decision['status'],
    judge: textOf(json, 'judge'),
    judgeScoreBasisPoints: integerOf(json, 'judge_score'),
    judgeFactors: listOf(json, 'judge_factors').map(parseFactor),
    tier: textOf(json, 'tier'),
    evidence: listOf(json, 'evidence') as unknown as string[],
    gates: listOf(json, 'gates').map(parseGate),
    concerns: listOf(json, 'concerns').map(parseGate),
    parametersJson: textOf(json, 'parameters'),
    reversal: textOf(json, 'reversal'),
    reversible: json['reversible'] as boolean,
    storeId: textOf(json, 'store_id'),
    cycle: textOf(json, 'cycle'),
    reason: textOf(json, 'reason'),
    reverses: integerOf(json, 'reverses'),
    approves: integerOf(json, 'approves'),
    policyVersion: json['policy_version'] as number,
    budget: textOf(json, 'budget'),
    budgetMinor: integerOf(json, 'budget_minor'),
    uniquenessDigest: textOf(json, 'uniqueness_digest'),
    appliedAt: textOf(json, 'applied_at'),
    appliedBy: textOf(json, 'applied_by'),
    recordedAt: json['recorded_at'] as string,
  };
}

export function parseGate(json: Json): GateVerdict {
  return {
    gate: json['gate'] as string,
    passed: json['passed'] as boolean,
    code: (json['code'] as string | undefined) ?? '',
    message: (json['message'] as string | undefined) ?? '',
  };
}

export function parseFactor(json: Json): JudgeFactor {
  return {
    name: json['name'] as string,
    scoreBasisPoints: json['score'] as number,
    weightBasisPoints: json['weight'] as number,
    explanation: json['explanation'] as string,
  };
}

function textOf(json: Json, member: string): string | null {
  return (json[member] as string | undefined) ?? null;
}

function integerOf(json: Json, member: string): number | null {
  return (json[member] as number | undefined) ?? null;
}

function listOf(json: Json, member: string): Json[] {
  return (json[member] as Json[] | undefined) ?? [];
}
