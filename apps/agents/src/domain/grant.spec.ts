import { agents } from '@magistry/contracts';
import { narrowed, rootGrant, subDeadline } from './grant.js';

const agent = (fields: object) =>
  agents.agentDefinition.parse({
    slug: 'an-agent',
    title: 'An agent',
    description: 'Does things.',
    ...fields,
  });
const parent = rootGrant(agent({ tools: ['a'], delegable_tools: ['b'], budget: { micros: 100 } }));

test('a sub-agent has the tools that it is made for, as far as its parent may hand them on', () => {
  expect(narrowed(parent, agent({ tools: ['a', 'b', 'c'] })).tools).toEqual(['a', 'b']);
});

test('depth, width and budget never grow on the way down', () => {
  const child = narrowed(parent, agent({ budget: { micros: 1_000, model_calls: 100 } }));
  expect(child).toMatchObject({ depth: parent.depth - 1, width: parent.width, microsMax: 100 });
  expect(child.modelCallsMax).toBe(parent.modelCallsMax);
});

test.each([
  [undefined, undefined, undefined],
  [50, undefined, 50],
  [undefined, 70, 70],
  [50, 70, 50],
])('of a call that may cost %s at the parent and %s at its sub-agent, %s counts', (above, own, narrower) => {
  const budgeted = (micros?: number) =>
    agent({ budget: micros === undefined ? {} : { call_micros: micros } });
  expect(narrowed(rootGrant(budgeted(above)), budgeted(own)).callMicrosMax).toBe(narrower);
});

test('a sub-run must end no later than its parent', () => {
  const end = new Date(10_000);
  expect(subDeadline(end, 0, agent({ time_limit_s: 5 }))).toEqual(new Date(5_000));
  expect(subDeadline(end, 8_000, agent({ time_limit_s: 5 }))).toEqual(end);
});
