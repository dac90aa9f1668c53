import { API_VERSIONS, CURRENT_API_VERSION, decisions, schemasAt, versionChain } from '@magistry/contracts';
import type { z } from 'zod';
import type { Command } from './commands.js';
import { decide } from './decide.js';
import type { Decision } from './decision.js';
import { aLedger, aProposal, aTarget } from './ledger-state.fixture.js';
import { renderRow, spliceRow } from './render-row.js';

const now = Date.parse('2026-05-25T06:14:02Z');
const subjects = { 'linen-blazer-stone-m PRICE': 'PRICE=?-6.00' };
const ledger = aLedger({ subjects, targets: { '40': aTarget() } });

function recorded(command: Command, overrides: Partial<Decision> = {}): Decision {
  const outcome = decide(ledger, command, now);
  if (outcome.type !== 'recorded') throw new Error('expected a row');
  const place = { workspaceId: 7, decisionId: 42, id: 'dec_01J9X2KQZP6E3XL2000000000A' };
  return { ...outcome.draft, ...place, ...overrides };
}

const rows: Record<string, Decision> = {
  'applied for a partner': recorded(aProposal()),
  'applied by an agent of ours, with a dated reversal': recorded(
    aProposal({ action: 'DISCOUNT_TEST', reversal: 'PRICE_RESTORE@2026-06-08' }),
    { agent: 'catalog', appliedBy: 'catalog_agent.discount_executor' },
  ),
  'escalated by the judge': recorded(aProposal({ judge: 'ESCALATE', judgeScoreBasisPoints: 5_000 })),
  'rejected by the judge': recorded(aProposal({ judge: 'REJECT', judgeScoreBasisPoints: 2_000 })),
  reversed: recorded({
    type: 'reverse',
    actor: 'key:3',
    decision: '40',
    reason: 'too low',
    isOwnRowsOnly: false,
  }),
  'a flip of the kill switch': recorded({
    type: 'set-kill-switch',
    actor: 'key:3',
    engaged: true,
    reason: 'incident 12',
  }),
};

function answerOf(version: string, row: Decision): string {
  return spliceRow(renderRow(row, version), null);
}

function strictSchema(version: string): z.ZodObject {
  return (schemasAt(decisions.getDecision, version).responses[200] as z.ZodObject).strict();
}

// Golden files: recorded answers of each version. One that changes breaks the programs pinned to it.
describe.each([...API_VERSIONS])('at %s', (version) => {
  test.each(Object.keys(rows))('a row %s has the bytes it always had', (name) => {
    const json = answerOf(version, rows[name] as Decision);
    expect(json).toMatchSnapshot();
    strictSchema(version).parse(JSON.parse(json));
  });

  test.each(Object.keys(rows))('a row %s is what the newest shape comes down to', (name) => {
    const newest = JSON.parse(answerOf(CURRENT_API_VERSION, rows[name] as Decision));
    const down = versionChain(decisions.getDecision.name, version)?.down ?? ((row: unknown) => row);
    expect(down(newest)).toEqual(JSON.parse(answerOf(version, rows[name] as Decision)));
  });
});
