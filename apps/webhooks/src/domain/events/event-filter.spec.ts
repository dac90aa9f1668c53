import type { EventCondition } from '@magistry/contracts';
import { passes } from './event-filter.js';
import { orderingKeyOf } from './value-at.js';

const body = {
  type: 'decision.applied',
  data: {
    agent: 'catalog',
    judge: { score: 0.88 },
    tenant: 'linen-house',
    tags: ['a'],
    note: null,
    is: true,
  },
};
const check = (path: string, op: string, value: unknown) =>
  passes([{ path, op, value } as EventCondition], body);

test.each([
  ['data.agent', 'eq', 'catalog', true],
  ['data.agent', 'eq', 'Catalog', false],
  ['data.note', 'eq', null, true],
  ['data.missing', 'eq', null, false],
  ['data.agent', 'neq', 'ads', true],
  ['data.missing', 'neq', 'ads', true],
  ['data.agent', 'in', ['ads', 'catalog'], true],
  ['data.agent', 'in', ['ads'], false],
  ['data.judge.score', 'gt', 0.88, false],
  ['data.judge.score', 'gte', 0.88, true],
  ['data.judge.score', 'lt', 1, true],
  ['data.judge.score', 'lte', 0.5, false],
  ['data.judge.score', 'gt', '0', false],
  ['data.agent', 'gt', 'car', true],
  ['data.missing', 'lt', 5, false],
  ['data.note', 'exists', true, true],
  ['data.missing', 'exists', true, false],
  ['data.missing', 'exists', false, true],
  ['data.tenant', 'starts_with', 'linen', true],
  ['data.judge.score', 'starts_with', '0', false],
  ['type', 'eq', 'decision.applied', true],
  ['data.__proto__', 'exists', false, true],
  ['data.tags.0', 'exists', true, false],
  ['data.tags.length', 'exists', true, false],
])('%s %s %j is %j', (path, op, value, expected) => {
  expect(check(path, op, value)).toBe(expected);
});

test('all conditions must hold, and no filter lets everything pass', () => {
  const agent: EventCondition = { path: 'data.agent', op: 'eq', value: 'catalog' };
  const tenant: EventCondition = { path: 'data.tenant', op: 'eq', value: 'other' };
  expect(passes([agent, tenant], body)).toBe(false);
  expect(passes([agent], body)).toBe(true);
  expect(passes(null, body)).toBe(true);
});

test.each([
  ['data.agent', 'catalog'],
  ['data.judge.score', '0.88'],
  ['data.is', 'true'],
  ['data.judge', null],
  ['data.note', null],
  ['data.missing', null],
])('the ordering key at %s is %j', (path, key) => {
  expect(orderingKeyOf(body, path)).toBe(key);
});
