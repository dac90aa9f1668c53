import { approveEscalation } from './approve-escalation.js';
import { laterOf, wholeSecond } from './clock.js';
import type { Command } from './commands.js';
import { setKillSwitch, setPolicy } from './controls.js';
import type { LedgerState } from './ledger-state.js';
import type { Outcome } from './outcome.js';
import { propose } from './propose.js';
import { reverse } from './reverse.js';
import { expireEscalation, rejectEscalation } from './settle-escalation.js';

/**
 * The one place where a ledger's fate is decided, run by its shard's only writer, so that proposals, reversals,
 * escalations, policies and the kill switch are linearizable. Pure: the clock comes in, what changes goes out.
 */
export function decide(state: LedgerState, command: Command, nowUnixMs: number): Outcome {
  const now = wholeSecond(nowUnixMs);
  const recordedAt = laterOf(now, state.recordedAt);
  switch (command.type) {
    case 'propose':
      return propose(state, command, recordedAt);
    case 'reverse':
      return reverse(state, command, recordedAt);
    case 'set-kill-switch':
      return setKillSwitch(state, command, recordedAt);
    case 'set-policy':
      return setPolicy(state, command, recordedAt);
    case 'approve-escalation':
      return approveEscalation(state, command, recordedAt);
    case 'reject-escalation':
      return rejectEscalation(state, command, recordedAt);
    case 'expire-escalation':
      return expireEscalation(state, command, recordedAt);
  }
}
