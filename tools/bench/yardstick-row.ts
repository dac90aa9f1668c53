import { hash } from 'node:crypto';
import { canonicalFactor, canonicalGate, type Decision, proposalAnswer } from './decisions-build.ts';
import { ACTOR, type Submission, WORKSPACE } from './submissions.ts';

const GATES = ['kill_switch', 'rate_limit', 'tier_A', 'trademark', 'uniqueness', 'budget'];
const PASSED_GATES = GATES.map((gate) => ({ gate, passed: true, code: '', message: '' }));
const DAY_MS = 24 * 60 * 60 * 1_000;

/** The row that the ledger writes for a submission, without judging it. */
export function decisionFor({ command, context }: Submission, decisionId: number): Decision {
  const recordedAt = wholeSecond(Date.now());
  return {
    workspaceId: WORKSPACE.id,
    decisionId,
    id: `dec_${context.requestId}`,
    kind: 'PROPOSAL',
    agent: ACTOR,
    action: command.action,
    subject: command.subject,
    facet: 'PRICE',
    fromState: 'PRICE=?',
    toState: 'PRICE=?-6.00',
    status: 'APPLIED',
    judge: command.judge,
    judgeScoreBasisPoints: command.judgeScoreBasisPoints,
    judgeFactors: command.judgeFactors,
    tier: command.tier,
    evidence: command.evidence,
    gates: PASSED_GATES,
    concerns: [],
    parametersJson: command.parametersJson,
    reversal: command.reversal,
    reversible: true,
    storeId: command.storeId,
    cycle: null,
    reason: null,
    reverses: null,
    approves: null,
    policyVersion: command.policyVersion,
    budget: null,
    budgetMinor: null,
    uniquenessDigest: command.uniquenessDigest,
    appliedAt: recordedAt,
    appliedBy: `${ACTOR}.planner`,
    recordedAt,
  };
}

type Values = Record<string, unknown>;

/** Everything one request inserts, by table; the ledger's columns and no others. */
export function rowsOf(submission: Submission, row: Decision, canonical: string, chain: Buffer) {
  return {
    decision_log: [decisionValues(row, canonical, chain)],
    outbox: ['decision.proposed', 'decision.applied'].map((type, index) => outboxValues(row, type, index)),
    idempotency: [idempotencyValues(submission, row)],
    subject_state: [
      { workspace_id: row.workspaceId, subject: row.subject, facet: row.facet, state: row.toState },
    ],
  };
}

function decisionValues(row: Decision, canonical: string, chain: Buffer): Values {
  return {
    workspace_id: row.workspaceId,
    decision_id: row.decisionId,
    id: row.id,
    kind: row.kind,
    agent: row.agent,
    action: row.action,
    subject: row.subject,
    facet: row.facet,
    from_state: row.fromState,
    to_state: row.toState,
    status: row.status,
    judge: row.judge,
    judge_score: row.judgeScoreBasisPoints,
    judge_factors: JSON.stringify(row.judgeFactors.map(canonicalFactor)),
    tier: row.tier,
    evidence: JSON.stringify(row.evidence),
    gates: JSON.stringify(row.gates.map(canonicalGate)),
    concerns: '[]',
    parameters: row.parametersJson,
    reversal: row.reversal,
    reversible: row.reversible,
    store_id: row.storeId,
    policy_version: row.policyVersion,
    uniqueness_digest: row.uniquenessDigest,
    applied_at: row.appliedAt,
    applied_by: row.appliedBy,
    recorded_at: row.recordedAt,
    canonical,
    chain,
  };
}

function outboxValues(row: Decision, type: string, index: number): Values {
  return {
    shard: 0,
    position: row.decisionId * 2 + index,
    event_id: `evt_${index}_${row.id}`,
    type,
    workspace_id: row.workspaceId,
    decision_id: row.decisionId,
    tenant: WORKSPACE.slug,
    created_at: row.recordedAt,
  };
}

/** The answer is kept as it is; the ledger's is sealed, which costs it more. */
function idempotencyValues({ context, key, fingerprint }: Submission, row: Decision): Values {
  return {
    workspace_id: row.workspaceId,
    key_hmac: hash('sha256', key, 'buffer'),
    principal: ACTOR,
    fingerprint: Buffer.from(fingerprint),
    request_id: context.requestId,
    sealed_answer: Buffer.from(proposalAnswer(row)),
    expires_at: wholeSecond(Date.now() + DAY_MS),
  };
}

type Rows = ReturnType<typeof rowsOf>;

/** The values of a request's rows, in the order of the statement's parameters. */
export function insertValues(rows: Rows): unknown[] {
  return Object.values(rows).flatMap((tableRows: Values[]) => tableRows.flatMap((row) => Object.values(row)));
}

/** One statement for all tables of a request; its text is the same for every request. */
export function insertStatement(rows: Rows): string {
  let parameter = 1;
  const inserts = Object.entries(rows).map(([table, tableRows]) => {
    const [first = {}] = tableRows as Values[];
    const columns = Object.keys(first);
    const tuples = tableRows.map(() => `(${columns.map(() => `$${parameter++}`)})`);
    return `INSERT INTO ${table} (${columns}) VALUES ${tuples}`;
  });
  const upsert = `${inserts.pop()} ON CONFLICT (workspace_id, subject, facet) DO UPDATE SET state = EXCLUDED.state`;
  const steps = inserts.map((insert, index) => `step_${index} AS (${insert})`);
  return `WITH ${steps} ${upsert}`;
}

function wholeSecond(unixMs: number): string {
  return `${new Date(unixMs).toISOString().slice(0, 19)}Z`;
}
