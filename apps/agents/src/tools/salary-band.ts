import type { AgentTool } from './agent-tool.js';

const BASE_EUR: readonly (readonly [pattern: RegExp, eurPerYear: number])[] = [
  [/principal/i, 110_000],
  [/staff/i, 95_000],
  [/senior/i, 80_000],
  [/junior/i, 45_000],
];
const USUAL_EUR = 60_000;
const PER_YEAR_EUR = 1_500;
const YEARS_COUNTED_MAX = 15;

const LEVELS = ['junior', 'professional', 'senior', 'staff', 'principal'] as const;
const LEVEL_FROM_EUR = [0, 55_000, 78_000, 95_000, 110_000];

/** The house's salary table: the same role and experience always have the same band. */
export const salaryBand: AgentTool = {
  name: 'salary_band',
  description: 'Looks up the yearly base salary for a role and years of experience.',
  scope: null,
  inputSchema: {
    type: 'object',
    required: ['role'],
    properties: {
      role: { type: 'string' },
      experience_years: { type: 'integer', minimum: 0 },
    },
  },
  execute: async ({ role, experience_years: years }) => {
    const base = BASE_EUR.find(([pattern]) => pattern.test(String(role)))?.[1] ?? USUAL_EUR;
    const counted = Math.min(YEARS_COUNTED_MAX, typeof years === 'number' ? Math.max(0, years) : 0);
    const base_salary_eur = base + counted * PER_YEAR_EUR;
    const level = LEVELS[LEVEL_FROM_EUR.findLastIndex((from) => base_salary_eur >= from)] ?? LEVELS[0];
    return { base_salary_eur, level };
  },
};
