import type { Command } from './commands.js';
import { decide } from './decide.js';
import { anApproval, anEscalation, aRejection, ESCALATION, PROPOSED_AT } from './escalations.fixture.js';
import { aLedger } from './ledger-state.fixture.js';
import type { Outcome } from './outcome.js';

const nextDay = Date.parse('2026-05-26T09:00:00.500Z');
const dueAt = Date.parse('2026-05-28T06:14:02Z');
const expiry: Command = { type: 'expire-escalation', actor: 'system:expiry', escalation: ESCALATION };

/** The ledger with the escalation in it, holding what it reserved. */
function given(overrides: Parameters<typeof aLedger>[0] = {}) {
  return aLedger({ escalated: anEscalation(), holders: { d1: 40 }, ...overrides });
}

const killed = { killSwitch: { ...aLedger().killSwitch, engaged: true } };
const refund = { counter: 'budget:prices', period: '2026-05-25', amount: -600 };

function recorded(outcome: Outcome) {
  if (outcome.type !== 'recorded') throw new Error(`expected a row, got ${JSON.stringify(outcome)}`);
  return outcome;
}

function refusal(outcome: Outcome) {
  if (outcome.type !== 'refused') throw new Error(`expected a refusal, got ${outcome.type}`);
  return outcome.problem;
}

describe('approve', () => {
  test('given an untouched subject, it is APPLIED in the name of the approver, unjudged and reversible', () => {
    const { draft, consequences } = recorded(decide(given(), anApproval(), nextDay));
    expect(draft).toMatchObject({
      kind: 'APPROVAL',
      agent: 'key:12',
      action: 'PRICE_CHANGE',
      status: 'APPLIED',
      approves: 40,
      fromState: 'PRICE=?',
      toState: 'PRICE=?-6.00',
      judge: null,
      judgeScoreBasisPoints: null,
      reason: 'the season ends',
      reversible: true,
      appliedAt: '2026-05-26T09:00:00Z',
      appliedBy: 'key:12.approval',
      recordedAt: '2026-05-26T09:00:00Z',
    });
    expect(draft.gates.map(({ gate, passed }) => [gate, passed])).toEqual([
      ['kill_switch', true],
      ['rate_limit', true],
      ['tier_A', true],
      ['trademark', true],
      ['uniqueness', true],
      ['budget', true],
    ]);
    expect(consequences.events).toEqual(['decision.applied']);
  });

  test('given a reservation of another day, it goes back there and today is drawn on', () => {
    const { consequences } = recorded(decide(given(), anApproval(), nextDay));
    expect(consequences).toMatchObject({
      counters: [refund, { counter: 'budget:prices', period: '2026-05-26', amount: 600 }],
      holdDigest: 'd1',
      subjectState: { subject: 'linen-blazer-stone-m', facet: 'PRICE', state: 'PRICE=?-6.00' },
      escalation: { status: 'approved' },
    });
  });

  test("given a day's budget that the reservation itself used up, it is APPLIED", () => {
    const ledger = given({ counted: { 'budget:prices 2026-05-25': 500_000 } });
    expect(recorded(decide(ledger, anApproval(), PROPOSED_AT)).draft.status).toBe('APPLIED');
  });

  test('given a minute that is full, velocity neither holds it up nor counts it', () => {
    const ledger = given({ counted: { 'velocity 2026-05-26T09:00': 600 } });
    const { draft, consequences } = recorded(decide(ledger, anApproval(), nextDay));
    expect(draft.status).toBe('APPLIED');
    expect(consequences.counters.map(({ counter }) => counter)).not.toContain('velocity');
  });

  test('given an engaged switch, it is a REJECTED row, the escalation waits and keeps what it reserved', () => {
    const { draft, consequences } = recorded(decide(given(killed), anApproval(), nextDay));
    expect(draft).toMatchObject({ status: 'REJECTED', approves: 40, appliedAt: null, appliedBy: null });
    expect(draft.gates[0]).toMatchObject({ gate: 'kill_switch', code: 'kill_switch_engaged' });
    expect(consequences).toEqual({
      counters: [],
      escalation: { status: 'pending', expiresAt: '2026-05-28T06:14:02Z' },
      events: ['decision.rejected'],
    });
  });

  test('given a budget that others have used up, it is REJECTED, settled, and gives back what it reserved', () => {
    const ledger = given({ counted: { 'budget:prices 2026-05-26': 499_401 } });
    const { draft, consequences } = recorded(decide(ledger, anApproval(), nextDay));
    expect(draft.status).toBe('REJECTED');
    expect(draft.gates.filter(({ passed }) => !passed)).toMatchObject([{ code: 'budget_exceeded' }]);
    expect(consequences).toMatchObject({
      counters: [refund],
      freeDigest: 'd1',
      escalation: { status: 'rejected' },
    });
  });

  test('given a twin that was applied after a day, it is a duplicate, and the twin keeps its digest', () => {
    const { draft, consequences } = recorded(decide(given({ holders: { d1: 41 } }), anApproval(), nextDay));
    expect(draft.gates.filter(({ passed }) => !passed)).toMatchObject([{ code: 'duplicate' }]);
    expect(consequences.freeDigest).toBeUndefined();
  });

  test('given a gate that has come to object under the present policy, it is REJECTED', () => {
    const trademark = { gate: 'trademark', passed: false, code: 'trademark_protected', message: 'no' };
    const pureGates = [...anApproval().pureGates.slice(0, 1), trademark];
    const { draft, consequences } = recorded(decide(given(), anApproval({ pureGates }), nextDay));
    expect(draft.gates).toContainEqual(trademark);
    expect(consequences.escalation?.status).toBe('rejected');
  });

  test('given a subject that moved on, it is refused with the present state', () => {
    const subjects = { 'linen-blazer-stone-m PRICE': 'PRICE=129.00' };
    expect(refusal(decide(given({ subjects }), anApproval(), nextDay))).toMatchObject({
      code: 'state_moved',
      extras: { expected_state: 'PRICE=?', present_state: 'PRICE=129.00' },
    });
  });

  test('given an unknown state again where one was seen, it has moved', () => {
    const escalated = anEscalation();
    const row = { ...escalated.row, fromState: 'PRICE=129.00', toState: 'PRICE=123.00' };
    const ledger = given({ escalated: { ...escalated, row } });
    expect(refusal(decide(ledger, anApproval(), nextDay)).code).toBe('state_moved');
  });

  test('given the proposer itself, it is refused, whatever the state of the escalation', () => {
    const own = { ...anApproval(), actor: 'partner:research-tool' };
    const escalated = anEscalation({ status: 'approved', resultDecisionId: 41 });
    for (const ledger of [given(), given({ escalated })]) {
      expect(refusal(decide(ledger, own, nextDay)).code).toBe('access_denied');
    }
  });

  test('given another row than the one that was assessed, it is refused', () => {
    const leaf = '00'.repeat(32);
    expect(refusal(decide(given(), anApproval({ leaf }), nextDay)).code).toBe('conflict');
  });

  test('given a policy that moved, nothing is decided', () => {
    expect(decide(given({ policyVersion: 2 }), anApproval(), nextDay)).toEqual({ type: 'policy-moved' });
  });

  test('given no such escalation, it is not found', () => {
    expect(refusal(decide(aLedger(), anApproval(), nextDay)).code).toBe('not_found');
  });
});

describe('reject', () => {
  test('given a pending escalation, also while killed, it is a REJECTED row that gives back', () => {
    const { draft, consequences } = recorded(decide(given(killed), aRejection(), nextDay));
    expect(draft).toMatchObject({
      kind: 'REJECTION',
      agent: 'key:12',
      status: 'REJECTED',
      approves: 40,
      reason: 'too steep',
      gates: [],
      appliedAt: null,
    });
    expect(consequences).toEqual({
      counters: [refund],
      freeDigest: 'd1',
      escalation: { status: 'rejected', expiresAt: '2026-05-28T06:14:02Z' },
      events: ['decision.rejected'],
    });
  });

  test('given its own proposal, an agent may take it back', () => {
    const own = { ...aRejection(), actor: 'partner:research-tool' };
    expect(decide(given(), own, nextDay).type).toBe('recorded');
  });
});

describe.each([
  ['approve', anApproval()],
  ['reject', aRejection()],
])('%s after the first decision', (_, command) => {
  test.each(['approved', 'rejected', 'expired'] as const)(
    'given one that was %s, it is a conflict that names the row',
    (status) => {
      const ledger = given({ escalated: anEscalation({ status, resultDecisionId: 41 }) });
      expect(refusal(decide(ledger, command, nextDay))).toMatchObject({
        code: 'conflict',
        extras: { escalation_status: status, result_decision_id: 41 },
      });
    },
  );

  test('given one whose time is up and not yet recorded, it is expired without a row', () => {
    expect(refusal(decide(given(), command, dueAt))).toMatchObject({
      code: 'conflict',
      extras: { escalation_status: 'expired', result_decision_id: null },
    });
  });
});

describe('expire', () => {
  test('given 72 hours, it is an EXPIRED row that gives back', () => {
    const { draft, consequences } = recorded(decide(given(killed), expiry, dueAt));
    expect(draft).toMatchObject({
      kind: 'EXPIRY',
      agent: 'system:expiry',
      status: 'EXPIRED',
      approves: 40,
      recordedAt: '2026-05-28T06:14:02Z',
    });
    expect(consequences).toEqual({
      counters: [refund],
      freeDigest: 'd1',
      escalation: { status: 'expired', expiresAt: '2026-05-28T06:14:02Z' },
      events: ['decision.rejected'],
    });
  });

  test('given a second less, a settled one or none at all, nothing changes', () => {
    const unchanged = { type: 'unchanged' };
    expect(decide(given(), expiry, dueAt - 1_000)).toEqual(unchanged);
    expect(decide(aLedger(), expiry, dueAt)).toEqual(unchanged);
    for (const status of ['approved', 'rejected', 'expired'] as const) {
      const ledger = given({ escalated: anEscalation({ status, resultDecisionId: 41 }) });
      expect(decide(ledger, expiry, dueAt)).toEqual(unchanged);
    }
  });
});
