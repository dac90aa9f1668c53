import type { RateRule } from './rate-table.js';

/** Of a rule, what the arithmetic needs. */
export type Measure = Pick<RateRule, 'capacity' | 'intervalUs'>;

/**
 * The generic cell rate algorithm, as the Lua script has it: a bucket's whole state is its debt, the
 * microseconds until it is full again. All figures are whole numbers.
 */
export function takeUnits(
  measure: Measure,
  debtUs: number,
  units: number,
): { taken: number; debtUs: number } {
  const taken = Math.min(units, wholeUnitsLeft(measure, debtUs));
  return { taken, debtUs: debtUs + taken * measure.intervalUs };
}

/** Requests that would be let through now. */
export function wholeUnitsLeft(measure: Measure, debtUs: number): number {
  return Math.floor(roomUs(measure, debtUs) / measure.intervalUs);
}

/** Microseconds until one more request fits than fits now; 0 when the bucket is full. */
export function untilNextUnitUs(measure: Measure, debtUs: number): number {
  return debtUs === 0 ? 0 : measure.intervalUs - (roomUs(measure, debtUs) % measure.intervalUs);
}

/** The debt after a change of the limit: as many requests as before, but no more than now fit. */
export function carriedDebtUs(measure: Measure, debtUs: number, formerIntervalUs: number): number {
  const { capacity, intervalUs } = measure;
  const carried =
    formerIntervalUs === intervalUs ? debtUs : Math.ceil((debtUs * intervalUs) / formerIntervalUs);
  return Math.min(carried, capacity * intervalUs);
}

function roomUs({ capacity, intervalUs }: Measure, debtUs: number): number {
  return capacity * intervalUs - debtUs;
}
