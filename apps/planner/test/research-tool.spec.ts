import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { assess } from '../src/domain/assess.js';
import { uniquenessDigest } from '../src/domain/uniqueness.js';
import { aProposal, noHistory, someRules } from './proposal.fixture.js';

const example = new URL('../../../docs/examples/research-tool/', import.meta.url);
const file = readFileSync(new URL('proposals.ndjson', example), 'utf8');
const lines: Record<string, unknown>[] = file
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));

// The demo workspace linen-house (design: api.md section 11).
const rules = someRules({ velocity_per_minute: 6_000, price_budget_eur_per_day: 50_000 });

interface Outcome {
  readonly status: 'APPLIED' | 'ESCALATED' | 'REJECTED';
  readonly codes: readonly string[];
}

/** The ledger's two stateful gates, counted in memory. */
class CountedLedger {
  private readonly held = new Set<string>();
  private readonly drawnMinor = new Map<string, number>();

  decide({ id: _id, ...body }: Record<string, unknown>): Outcome {
    const proposal = aProposal(body);
    const { gates, judgement, escalations, draw } = assess(proposal, rules, noHistory);
    const digest = Buffer.from(uniquenessDigest(proposal)).toString('hex');
    const drawn = draw ? (this.drawnMinor.get(draw.budget) ?? 0) + draw.amountMinor : 0;
    const refusals = [
      ...gates.flatMap((gate) => (gate.passed ? [] : [gate.code])),
      ...(this.held.has(digest) ? ['duplicate'] : []),
      ...(draw && drawn > draw.limitMinorPerDay ? ['budget_exceeded'] : []),
    ];
    const concerns = [
      ...(judgement.verdict === 'PASS' ? [] : [`judge ${judgement.verdict}`]),
      ...escalations.map(({ code }) => code),
    ];
    if (refusals.length > 0 || judgement.verdict === 'REJECT') {
      return { status: 'REJECTED', codes: [...refusals, ...concerns] };
    }
    this.held.add(digest);
    if (draw) this.drawnMinor.set(draw.budget, drawn);
    return { status: concerns.length > 0 ? 'ESCALATED' : 'APPLIED', codes: concerns };
  }
}

function tally(proposals: readonly Record<string, unknown>[]): Record<string, number> {
  const ledger = new CountedLedger();
  const counts: Record<string, number> = {};
  for (const { status, codes } of proposals.map((proposal) => ledger.decide(proposal))) {
    for (const name of [status, ...codes.map((code) => `${status} ${code}`)]) {
      counts[name] = (counts[name] ?? 0) + 1;
    }
  }
  return counts;
}

function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
  return items
    .map((item) => ({ item, rank: next() }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ item }) => item);
}

const expected = {
  APPLIED: 387,
  ESCALATED: 8,
  'ESCALATED price_step_exceeded': 8,
  REJECTED: 17,
  'REJECTED trademark_protected': 5,
  'REJECTED tier_too_low': 4,
  'REJECTED duplicate': 4,
  'REJECTED budget_exceeded': 3,
  'REJECTED evidence_malformed': 1,
};

test('the file gives 387 APPLIED, 8 ESCALATED, 17 REJECTED as it stands', () => {
  expect(tally(lines)).toEqual(expected);
});

const seeds = Array.from({ length: 3 }, () => randomInt(2 ** 31));

test.each(seeds)('the same tally in another order (seed %d)', (seed) => {
  expect(tally(shuffled(lines, seed))).toEqual(expected);
});

test('every line has an id of its own and nothing that says its outcome', () => {
  expect(new Set(lines.map(({ id }) => id)).size).toBe(412);
  expect(file).not.toMatch(/APPLIED|ESCALATED|REJECTED|expect/i);
});

test('the file is what its script writes', () => {
  const script = new URL('make-proposals.mjs', example);
  expect(execFileSync(process.execPath, [fileURLToPath(script)], { encoding: 'utf8' })).toBe(file);
});
