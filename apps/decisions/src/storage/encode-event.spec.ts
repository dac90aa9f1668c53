import { fromBinary, toJsonString } from '@bufbuild/protobuf';
import { API_VERSIONS, EventSchema, eventAt } from '@magistry/contracts';
import type { Command } from '../domain/commands.js';
import { decide } from '../domain/decide.js';
import type { Decision } from '../domain/decision.js';
import { anApproval, anEscalation, aRejection } from '../domain/escalations.fixture.js';
import { aLedger, aProposal, aTarget } from '../domain/ledger-state.fixture.js';
import { encodeEvent } from './encode-event.js';

const now = Date.parse('2026-05-25T06:14:02Z');
const subjects = { 'linen-blazer-stone-m PRICE': 'PRICE=?-6.00' };
const ledger = aLedger({ subjects, targets: { '40': aTarget() } });
const waiting = aLedger({ escalated: anEscalation(), holders: { d1: 40 } });

const commands: Record<string, Command> = {
  applied: aProposal(),
  rejected: aProposal({ judge: 'REJECT', judgeScoreBasisPoints: 2_000 }),
  escalated: aProposal({ judge: 'ESCALATE', judgeScoreBasisPoints: 5_000 }),
  reversed: { type: 'reverse', actor: 'key:3', decision: '40', reason: 'too low', isOwnRowsOnly: false },
  approved: anApproval(),
  'rejected by a person': aRejection(),
  flipped: { type: 'set-kill-switch', actor: 'key:3', engaged: true, reason: 'incident 12' },
};

// Golden files: an event that changes here changes for every consumer.
test.each(Object.keys(commands))('the events of a decision that is %s are as they always were', (name) => {
  const command = commands[name] as Command;
  const outcome = decide('escalation' in command ? waiting : ledger, command, now);
  if (outcome.type !== 'recorded') throw new Error('expected a row');
  const row: Decision = {
    ...outcome.draft,
    workspaceId: 7,
    decisionId: 42,
    id: 'dec_01J9X2KQZP6E3XL2000000000A',
  };
  outcome.consequences.events.forEach((type, index) => {
    const envelope = {
      id: `evt_${index}`,
      type,
      shard: 3,
      position: index + 1,
      tenant: 'linen-house',
      createdAt: row.recordedAt,
    };
    const bytes = encodeEvent(envelope, row);
    expect(Buffer.from(bytes).toString('hex')).toMatchSnapshot(`${type} bytes`);
    expect(JSON.parse(toJsonString(EventSchema, fromBinary(EventSchema, bytes)))).toMatchSnapshot(
      `${type} json`,
    );
    const data = JSON.parse(Buffer.from(fromBinary(EventSchema, bytes).rowJson).toString());
    for (const version of API_VERSIONS) {
      expect(eventAt(version, data)).toMatchSnapshot(`${type} row at ${version}`);
    }
  });
});
