import { dayOf, minuteOf } from './clock.js';
import type { Proposal } from './commands.js';
import type { GateVerdict } from './decision.js';
import { budgetCounter, type LedgerState, VELOCITY_COUNTER } from './ledger-state.js';

/** What the gates read of a proposal, or of an approval. */
type Gated = Pick<
  Proposal,
  'isDryRun' | 'velocityPerMinute' | 'pureGates' | 'uniquenessDigest' | 'budgetDraw'
>;

/** All gates in their public order. Every one is evaluated, so that a refusal names every reason. */
export function evaluateGates(state: LedgerState, proposal: Gated, isoSecond: string): GateVerdict[] {
  return [
    killSwitchGate(state, proposal),
    velocityGate(state, proposal, isoSecond),
    ...proposal.pureGates,
    uniquenessGate(state, proposal, isoSecond),
    budgetGate(state, proposal, isoSecond),
  ];
}

function killSwitchGate(state: LedgerState, proposal: Gated): GateVerdict {
  // A dry run is judged as if the switch were released (design: api.md section 8).
  if (proposal.isDryRun || !state.killSwitch.engaged) return passed('kill_switch');
  return failed('kill_switch', 'kill_switch_engaged', 'The kill switch is engaged: no live action is taken.');
}

function velocityGate(state: LedgerState, proposal: Gated, isoSecond: string): GateVerdict {
  const limit = proposal.velocityPerMinute;
  if (limit === 0 || state.counted(VELOCITY_COUNTER, minuteOf(isoSecond)) < limit)
    return passed('rate_limit');
  return failed('rate_limit', 'velocity_exceeded', `More than ${limit} live proposals in this minute.`);
}

function uniquenessGate(state: LedgerState, proposal: Gated, isoSecond: string): GateVerdict {
  const holder = state.holderOf(proposal.uniquenessDigest, isoSecond);
  if (holder === null) return passed('uniqueness');
  return failed(
    'uniqueness',
    'duplicate',
    `The same proposal stands as decision ${holder} since less than 24 hours.`,
  );
}

function budgetGate(state: LedgerState, proposal: Gated, isoSecond: string): GateVerdict {
  const draw = proposal.budgetDraw;
  if (draw === null) return passed('budget');
  const used = state.counted(budgetCounter(draw.budget), dayOf(isoSecond));
  if (used + draw.amountMinor <= draw.limitMinorPerDay) return passed('budget');
  const left = (Math.max(0, draw.limitMinorPerDay - used) / 100).toFixed(2);
  return failed('budget', 'budget_exceeded', `The day's budget for ${draw.budget} has ${left} EUR left.`);
}

function passed(gate: string): GateVerdict {
  return { gate, passed: true, code: '', message: '' };
}

function failed(gate: string, code: string, message: string): GateVerdict {
  return { gate, passed: false, code, message };
}
