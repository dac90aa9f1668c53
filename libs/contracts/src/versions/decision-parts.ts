import { z } from 'zod';
import { type DecisionRow, decisionRow, type JudgeVerdict } from '../decision-row.js';
import { readAttribution, readReversal, writeAttribution, writeReversal } from '../decision-texts.js';
import type { VersionChange } from './version-change.js';

const { judge: _judge, ...kept } = decisionRow.shape;

/** A ledger row as 2026-05-01 shows it, in the words of seed 000. */
export const decisionRowOfTexts = z
  .object({
    ...kept,
    judge_score: z.number().nullable(),
    reversal: z.string().nullable(),
    applied_by: z.string().nullable(),
  })
  .meta({ title: 'Decision', description: 'One row of the ledger. It never changes but for `reversed_by`.' });
export type DecisionRowOfTexts = z.infer<typeof decisionRowOfTexts>;

type Parts = Readonly<Record<string, (row: never) => [name: string, value: unknown]>>;

const DOWN: Parts = {
  judge: ({ judge }: DecisionRow) => ['judge_score', judge?.score ?? null],
  reversal: ({ reversal }: DecisionRow) => ['reversal', reversal && writeReversal(reversal)],
  applied_by: ({ applied_by }: DecisionRow) => ['applied_by', applied_by && writeAttribution(applied_by)],
};

const UP: Parts = {
  judge_score: (row: DecisionRowOfTexts) => ['judge', judgeOf(row)],
  reversal: ({ reversal }: DecisionRowOfTexts) => [
    'reversal',
    reversal === null ? null : readReversal(reversal),
  ],
  applied_by: ({ applied_by }: DecisionRowOfTexts) => [
    'applied_by',
    applied_by === null ? null : readAttribution(applied_by),
  ],
};

export function decisionDown(row: DecisionRow): DecisionRowOfTexts {
  return replaceParts(row, DOWN) as DecisionRowOfTexts;
}

export function decisionUp(row: DecisionRowOfTexts): DecisionRow {
  return replaceParts(row, UP) as DecisionRow;
}

// Member for member, so that order, and members that join later, stay as they are.
function replaceParts(row: object, parts: Parts): unknown {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      const part = Object.hasOwn(parts, name) ? parts[name] : undefined;
      return part ? part(row as never) : [name, value];
    }),
  );
}

const VERDICT_OF_CODE: Readonly<Record<string, JudgeVerdict>> = {
  judge_escalates: 'ESCALATE',
  judge_rejects: 'REJECT',
};

// The older row tells the verdict by the judge's own line among the gates, there when it did not pass.
function judgeOf({ judge_score, gates }: DecisionRowOfTexts): DecisionRow['judge'] {
  if (judge_score === null) return null;
  const objection = gates.find(({ gate }) => gate === 'judge')?.code ?? '';
  return { score: judge_score, verdict: VERDICT_OF_CODE[objection] ?? 'PASS' };
}

const ofOneRow = {
  down: (body: unknown) => decisionDown(body as DecisionRow),
  before: { responses: { 200: decisionRowOfTexts } },
};

export const decisionParts: VersionChange = {
  id: 'decision-parts',
  version: '2026-11-01',
  description: `Parts of a decision that were texts to be taken apart are objects now.

- \`applied_by\`: \`"catalog_agent.discount_executor"\` becomes
  \`{"agent": "catalog", "executor": "discount_executor"}\`; of partners and keys the agent is the whole
  actor, such as \`"partner:research-tool"\`.
- \`reversal\`: \`"PRICE_RESTORE@2026-06-08"\` becomes \`{"action": "PRICE_RESTORE", "due_on": "2026-06-08"}\`.
- \`judge_score\` moves to \`judge\`: \`{"score": 0.88, "verdict": "PASS"}\`.

Each is null where it was null.`,
  operations: {
    'decisions.get-decision': ofOneRow,
    'decisions.reverse-decision': ofOneRow,
    'decisions.list-decisions': {
      down: (body) => {
        const page = body as { data: DecisionRow[] };
        return { ...page, data: page.data.map(decisionDown) };
      },
      before: {
        responses: {
          200: z.object({
            data: z.array(decisionRowOfTexts),
            next_cursor: z.string(),
            has_more: z.boolean(),
          }),
        },
      },
    },
  },
  downEvent: (data) => decisionDown(data as DecisionRow),
};
