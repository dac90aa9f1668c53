import { sampleData } from './sample-data.js';
import { testEvent } from './test-event.js';

const schema = { type: 'object', properties: { n: { type: 'integer', minimum: 3 } } };
const own = [{ type: 'post.created', version: 1, schema, example: null }];
const at = (events: string[], apiVersion = '2026-05-01') => testEvent({ events, apiVersion }, own);

test.each([
  [['post.created'], { type: 'post.created', data: { n: 3 } }],
  [['post.*'], { type: 'post.created', data: { n: 3 } }],
  [['*'], { type: 'post.created', data: { n: 3 } }],
  [['page.*'], { type: 'page.test', data: {} }],
  [['page.moved'], { type: 'page.moved', data: {} }],
])('%j is tested with %j', (events, expected) => {
  expect(at(events)).toEqual(expected);
});

test('a kind of the platform is sent in the shape of the endpoint’s version', () => {
  expect(at(['decision.*'], '2026-05-01').data).toMatchObject({ judge_score: 0.88 });
  expect(at(['decision.*'], '2026-11-01').data).toMatchObject({ judge: { score: 0.88 } });
});

test.each([
  [{ const: 5 }, 5],
  [{ enum: ['a', 'b'] }, 'a'],
  [{ examples: ['x'], type: 'string' }, 'x'],
  [{ type: ['string', 'null'], format: 'email' }, 'someone@example.com'],
  [{ type: 'string', minLength: 6 }, 'textxx'],
  [{ type: 'array', items: { type: 'boolean' }, minItems: 2 }, [true, true]],
  [{ anyOf: [{ type: 'number' }, { type: 'string' }] }, 1],
  [{ properties: { a: { properties: { b: {} } } } }, { a: { b: null } }],
])('of %j a sample is %j', (described, expected) => {
  expect(sampleData(described)).toEqual(expected);
});

test('a schema that nests without end gives a sample that ends', () => {
  const endless: Record<string, unknown> = { type: 'object' };
  endless['properties'] = { again: endless };
  expect(JSON.stringify(sampleData(endless)).length).toBeLessThan(500);
});
