import type { EventCondition } from '@magistry/contracts';
import { valueAt } from './value-at.js';

/** Whether a body `{id, type, created_at, data}` meets every condition (design: api.md section 9, Filters). */
export function passes(filter: readonly EventCondition[] | null, body: unknown): boolean {
  return filter === null || filter.every((condition) => holds(condition, valueAt(body, condition.path)));
}

/** What is not there equals nothing and is in no order: then only `neq` and `exists: false` hold. */
function holds(condition: EventCondition, found: unknown): boolean {
  const { op, value } = condition;
  switch (op) {
    case 'eq':
      return found === value;
    case 'neq':
      return found !== value;
    case 'in':
      return value.some((one) => one === found);
    case 'exists':
      return (found !== undefined) === value;
    case 'starts_with':
      return typeof found === 'string' && found.startsWith(value);
    default:
      return compare(op, found, value);
  }
}

/** Numbers with numbers, texts with texts by their code units; anything else is in no order. */
function compare(op: 'gt' | 'gte' | 'lt' | 'lte', found: unknown, value: number | string): boolean {
  if (typeof found !== typeof value) return false;
  const left = found as number | string;
  if (op === 'gt') return left > value;
  if (op === 'gte') return left >= value;
  return op === 'lt' ? left < value : left <= value;
}
