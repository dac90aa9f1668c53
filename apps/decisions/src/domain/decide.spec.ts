import { decide } from './decide.js';
import { aLedger, aProposal, aTarget } from './ledger-state.fixture.js';
import type { Outcome } from './outcome.js';

const now = Date.parse('2026-05-25T06:14:02.345Z');

function recorded(outcome: Outcome) {
  if (outcome.type !== 'recorded') throw new Error(`expected a row, got ${outcome.type}`);
  return outcome;
}

describe('propose', () => {
  test('given a released ledger, a good proposal is APPLIED in the second it is decided', () => {
    const { draft, consequences } = recorded(decide(aLedger(), aProposal(), now));
    expect(draft).toMatchObject({
      status: 'APPLIED',
      fromState: 'PRICE=?',
      toState: 'PRICE=?-6.00',
      appliedAt: '2026-05-25T06:14:02Z',
      appliedBy: 'partner:research-tool.planner',
    });
    expect(draft.gates.map(({ gate }) => gate)).toEqual([
      'kill_switch',
      'rate_limit',
      'tier_A',
      'trademark',
      'uniqueness',
      'budget',
    ]);
    expect(consequences.events).toEqual(['decision.proposed', 'decision.applied']);
  });

  test('given a row recorded later than the clock says, time does not run backwards', () => {
    const ledger = aLedger({ recordedAt: '2026-05-25T06:20:00Z' });
    expect(recorded(decide(ledger, aProposal(), now)).draft.recordedAt).toBe('2026-05-25T06:20:00Z');
  });

  test('given an engaged switch, it is REJECTED by kill_switch and changes nothing but the log', () => {
    const ledger = aLedger({ killSwitch: { ...aLedger().killSwitch, engaged: true } });
    const { draft, consequences } = recorded(decide(ledger, aProposal(), now));
    expect(draft.status).toBe('REJECTED');
    expect(draft.gates[0]).toMatchObject({ gate: 'kill_switch', passed: false, code: 'kill_switch_engaged' });
    expect(consequences.subjectState).toBeUndefined();
    expect(consequences.holdDigest).toBeUndefined();
    expect(consequences.counters.map(({ counter }) => counter)).toEqual(['velocity']);
  });

  test('given an engaged switch, a dry run is judged as if it were released', () => {
    const ledger = aLedger({ killSwitch: { ...aLedger().killSwitch, engaged: true } });
    const outcome = decide(ledger, aProposal({ isDryRun: true }), now);
    expect(outcome).toMatchObject({ type: 'dry-run', killSwitchEngaged: true, draft: { status: 'APPLIED' } });
  });

  test('given every gate against it, all reasons are named', () => {
    const ledger = aLedger({
      killSwitch: { ...aLedger().killSwitch, engaged: true },
      counted: { 'velocity 2026-05-25T06:14': 600, 'budget:prices 2026-05-25': 499_401 },
      holders: { d1: 12 },
    });
    const pureGates = aProposal().pureGates.map((gate) => ({
      ...gate,
      passed: false,
      code: 'bad',
      message: 'bad',
    }));
    const { draft, consequences } = recorded(decide(ledger, aProposal({ pureGates }), now));
    expect(draft.gates.every(({ passed }) => !passed)).toBe(true);
    expect(consequences.counters).toEqual([]);
  });

  test('given a budget used up to the last cent, what still fits is APPLIED', () => {
    const ledger = aLedger({ counted: { 'budget:prices 2026-05-25': 499_400 } });
    expect(recorded(decide(ledger, aProposal(), now)).draft.status).toBe('APPLIED');
  });

  test('given a judge in doubt, it is ESCALATED, reserves its budget and leaves the subject alone', () => {
    const { draft, consequences } = recorded(decide(aLedger(), aProposal({ judge: 'ESCALATE' }), now));
    expect(draft).toMatchObject({ status: 'ESCALATED', appliedAt: null, appliedBy: null });
    expect(consequences).toMatchObject({
      holdDigest: 'd1',
      escalation: { status: 'pending', expiresAt: '2026-05-28T06:14:02Z' },
      events: ['decision.proposed', 'agent.escalated'],
    });
    expect(consequences.counters).toContainEqual({
      counter: 'budget:prices',
      period: '2026-05-25',
      amount: 600,
    });
    expect(consequences.subjectState).toBeUndefined();
  });

  test('given a judge who says no, it is REJECTED though every gate passed', () => {
    const { draft } = recorded(decide(aLedger(), aProposal({ judge: 'REJECT' }), now));
    expect(draft).toMatchObject({ status: 'REJECTED', concerns: [{ gate: 'judge', code: 'judge_rejects' }] });
  });

  test('given a policy that moved, nothing is decided', () => {
    expect(decide(aLedger({ policyVersion: 2 }), aProposal(), now)).toEqual({ type: 'policy-moved' });
  });

  test.each([
    ['PRICE=129.00', 'PRICE=123.00'],
    ['PRICE=?', 'PRICE=?-6.00'],
    ['PRICE=?+6.00', 'PRICE=?'],
    ['PRICE=?-6.00', 'PRICE=?-12.00'],
  ])('given %s, six euros less is %s', (present, next) => {
    const ledger = aLedger({ subjects: { 'linen-blazer-stone-m PRICE': present } });
    expect(recorded(decide(ledger, aProposal(), now)).draft).toMatchObject({
      fromState: present,
      toState: next,
    });
  });

  test('given an unknown lifecycle state, the action names what it starts from', () => {
    const effect = { facet: 'LIFECYCLE', toState: 'ON_DISCOUNT', initialState: 'ACTIVE' };
    expect(recorded(decide(aLedger(), aProposal({ effect }), now)).draft).toMatchObject({
      fromState: 'ACTIVE',
      toState: 'ON_DISCOUNT',
    });
  });
});

describe('reverse', () => {
  const command = {
    type: 'reverse',
    actor: 'partner:research-tool',
    decision: '40',
    reason: 'too low',
    isOwnRowsOnly: true,
  } as const;
  const subjects = { 'linen-blazer-stone-m PRICE': 'PRICE=?-6.00' };

  test('given an untouched subject, it swaps the states, gives budget back and frees uniqueness', () => {
    const { draft, consequences } = recorded(
      decide(aLedger({ subjects, holders: { d1: 40 }, targets: { '40': aTarget() } }), command, now),
    );
    expect(draft).toMatchObject({
      status: 'REVERSED',
      reverses: 40,
      fromState: 'PRICE=?-6.00',
      toState: 'PRICE=?',
    });
    expect(consequences).toMatchObject({
      counters: [{ counter: 'budget:prices', period: '2026-05-24', amount: -600 }],
      freeDigest: 'd1',
      subjectState: { state: 'PRICE=?' },
      events: ['decision.reversed'],
    });
  });

  test('given a newer twin that holds the digest, it leaves uniqueness to the twin', () => {
    const ledger = aLedger({ subjects, holders: { d1: 41 }, targets: { '40': aTarget() } });
    expect(recorded(decide(ledger, command, now)).consequences).not.toHaveProperty('freeDigest');
  });

  test('given an engaged switch, a way back stays open', () => {
    const killSwitch = { ...aLedger().killSwitch, engaged: true };
    const ledger = aLedger({ killSwitch, subjects, targets: { '40': aTarget() } });
    expect(decide(ledger, command, now).type).toBe('recorded');
  });

  test.each([
    ['not_found', {}],
    ['not_found', { '40': aTarget({ agent: 'partner:other' }) }],
    ['not_reversible', { '40': aTarget({ reversible: false }) }],
    ['not_reversible', { '40': aTarget({ status: 'REJECTED' }) }],
    ['already_reversed', { '40': aTarget({ reversedBy: 41 }) }],
    ['state_moved', { '40': aTarget({ toState: 'PRICE=?-7.00' }) }],
  ])('given what cannot be, it is refused as %s', (code, targets) => {
    expect(decide(aLedger({ subjects, targets }), command, now)).toMatchObject({
      type: 'refused',
      problem: { code },
    });
  });
});

describe('controls', () => {
  test('engaging is a row, releasing another, and a repetition none', () => {
    const flip = (engaged: boolean) =>
      ({ type: 'set-kill-switch', actor: 'key:1', engaged, reason: 'r' }) as const;
    expect(recorded(decide(aLedger(), flip(true), now)).draft).toMatchObject({
      action: 'KILL_SWITCH_ENGAGE',
      fromState: 'RELEASED',
      toState: 'ENGAGED',
    });
    expect(decide(aLedger(), flip(false), now)).toEqual({ type: 'unchanged' });
  });

  test('a policy is a row with the next version', () => {
    const command = { type: 'set-policy', actor: 'key:1', policyJson: '{"a":1}', reason: null } as const;
    expect(recorded(decide(aLedger(), command, now)).draft).toMatchObject({
      fromState: 'POLICY@1',
      toState: 'POLICY@2',
    });
    expect(decide(aLedger({ policyJson: '{"a":1}' }), command, now)).toEqual({ type: 'unchanged' });
  });
});
